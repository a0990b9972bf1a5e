package dev.quire.simulation;

import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.simulation.disk.Image;
import dev.quire.simulation.disk.SimulatedDisk;
import dev.quire.simulation.disk.Treachery;
import dev.quire.simulation.disk.Weather;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Runs sequences of operations, each on a file of its own, and looks at every crash. */
final class CrashSequence {
    static final int PAGE_BYTES = 4096;

    /** What reaches the disk as a whole: with sectors of 512 bytes there would be too many. */
    static final int UNIT_BYTES = 2048;

    /** In what a direct file's last page is written: blocks of the system's cache. */
    private static final int BLOCK_BYTES = 4096;

    private static final int SIZE = 6000; // ends inside a page, a block and a unit
    private static final int CUT = 1000;
    private static final int EXTENDED = 10_000;
    private static final int B_FROM = 4000; // across a page's end
    private static final int B_TO = 9000;
    private static final int DIRECT_FROM = 3072;
    private static final int DIRECT_TO = 5120;

    /** What can be done. */
    enum Step {
        WRITE_A,
        WRITE_B,
        SYNC,
        TRUNCATE,
        EXTEND,
        EVICT,
        WRITE_DIRECT
    }

    private final PageCache cache;
    private final OpenOption[] options;
    private final int roundedTo;
    private final SimulatedDisk disk;
    private final SimulatedDisk later = new SimulatedDisk(Weather.CALM, Treachery.NONE, 0);
    private final Set<String> openedAgain = new HashSet<>();
    private final MemorySegment memory = Arena.ofAuto().allocate(DIRECT_TO - DIRECT_FROM, 4096);
    private final byte[] page = new byte[PAGE_BYTES];
    private CrashOracle oracle = new CrashOracle(new byte[0]);
    private @Nullable AssertionError found;
    private long crashes;
    private long states;

    CrashSequence(PageCache cache, List<OpenOption> options, Treachery treachery) {
        this.cache = cache;
        this.options = options.toArray(OpenOption[]::new);
        roundedTo = options.size() > 1 ? BLOCK_BYTES : 1;
        disk = new SimulatedDisk(Weather.CALM, treachery, 1);
        disk.watch(this::look);
    }

    long crashes() {
        return crashes;
    }

    long states() {
        return states;
    }

    int opened() {
        return openedAgain.size();
    }

    /** Runs one sequence; fails with the sequence in the message. */
    void run(List<Step> steps) throws IOException {
        byte[] content = new byte[SIZE];
        Arrays.fill(content, (byte) 100);
        oracle = new CrashOracle(content);
        disk.put("file", Image.of(content));
        try {
            try (PagedFile file = cache.open(disk.path("file"), options)) {
                for (int i = 0; i < steps.size(); i++) {
                    run(file, steps.get(i), (byte) (i + 1));
                    compare(file, oracle.content());
                }
            }
            oracle.acknowledged(); // a close that returns has synced
            look();
            rethrow();
        } catch (AssertionError e) {
            throw new AssertionError(steps + ": " + e.getMessage(), e);
        }
    }

    private void run(PagedFile file, Step step, byte fill) throws IOException {
        switch (step) {
            case WRITE_A -> {
                begin(0, PAGE_BYTES, fill);
                try (PageCursor cursor = file.cursor()) {
                    cursor.write(0);
                    Arrays.fill(page, fill);
                    cursor.copyFrom(0, MemorySegment.ofArray(page), 0, PAGE_BYTES);
                    cursor.release();
                }
            }
            case WRITE_B -> {
                begin(B_FROM, B_TO, fill);
                byte[] bytes = new byte[B_TO - B_FROM];
                Arrays.fill(bytes, fill);
                try (FileChannel channel = file.channel()) {
                    channel.write(ByteBuffer.wrap(bytes), B_FROM);
                }
            }
            case SYNC -> {
                file.sync();
                oracle.acknowledged();
                look();
            }
            case TRUNCATE -> resize(file, Math.min(CUT, oracle.content().length));
            case EXTEND -> resize(file, Math.max(EXTENDED, oracle.content().length));
            case EVICT -> file.invalidate(0, 10);
            case WRITE_DIRECT -> {
                begin(DIRECT_FROM, DIRECT_TO, fill);
                memory.fill(fill);
                file.writeDirect(memory, DIRECT_FROM);
            }
        }
        rethrow();
    }

    private void begin(int from, int to, byte fill) {
        byte[] now = oracle.content();
        byte[] content = Arrays.copyOf(now, Math.max(now.length, to));
        Arrays.fill(content, from, to, fill);
        oracle.begin(content);
    }

    private void resize(PagedFile file, int bytes) throws IOException {
        oracle.begin(Arrays.copyOf(oracle.content(), bytes));
        file.truncate(bytes);
    }

    /** What the cache shows is what was done. */
    private void compare(PagedFile file, byte[] expected) throws IOException {
        if (file.sizeBytes() != expected.length) {
            throw new AssertionError(
                    "size is %d, not %d".formatted(file.sizeBytes(), expected.length));
        }
        try (PageCursor cursor = file.cursor()) {
            for (int i = 0; i < file.sizePages(); i++) {
                do {
                    cursor.read(i);
                    cursor.copyTo(0, MemorySegment.ofArray(page), 0, PAGE_BYTES);
                } while (cursor.retry());
                byte[] there = Arrays.copyOfRange(expected, i * PAGE_BYTES, (i + 1) * PAGE_BYTES);
                int other = Arrays.mismatch(page, there);
                if (other >= 0) {
                    throw new AssertionError(
                            "byte %d of page %d reads as %d, not %d"
                                    .formatted(other, i, page[other], there[other]));
                }
            }
        }
    }

    // ---- crashes

    /** The machine stops here: on the thread that makes the change, whose caller waits. */
    private void look() {
        crashes++;
        for (Image image : disk.states("file", UNIT_BYTES)) {
            states++;
            byte[] bytes = image.toBytes();
            try {
                oracle.check(bytes, roundedTo, PAGE_BYTES);
            } catch (AssertionError e) {
                found = found == null ? e : found;
                return;
            }
            openedAgain.add(new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1));
        }
    }

    private void rethrow() {
        if (found != null) {
            AssertionError e = found;
            found = null;
            throw e;
        }
    }

    /** Opens every state that there was through the cache: what is read is what is there. */
    void openAll() throws IOException {
        for (String state : openedAgain) {
            byte[] bytes = state.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            later.put("found", Image.of(bytes));
            try (PagedFile file = cache.open(later.path("found"), options)) {
                compare(file, bytes);
            }
        }
    }
}
