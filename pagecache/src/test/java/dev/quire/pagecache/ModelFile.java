package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A file that one thread uses, and beside it the naive model: an array of bytes and a size.
 * Whatever the thread does to the one it does to the other, and everything that it reads is
 * compared byte by byte.
 */
final class ModelFile {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int PAGES_MAX = 120;

    private final PageCache cache;
    private final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
    private final String name;
    private final Random random;
    private final byte[] model = new byte[PAGES_MAX * PAGE_BYTES];
    private final byte[] bytes = new byte[PAGE_BYTES];
    private final ModelPins pins = new ModelPins();
    private PagedFile file;
    private PageCursor cursor;
    private FileChannel channel;
    private int size;

    ModelFile(PageCache cache, String name, Random random) throws IOException {
        this.cache = cache;
        this.name = name;
        this.random = random;
        if (random.nextBoolean()) { // else a store that only blocks
            new ReadsUnderWay(backing).endedBy(Thread::startVirtualThread);
        }
        open();
    }

    private void open() throws IOException {
        file = cache.map(name, backing);
        cursor = random.nextBoolean() ? file.cursor() : file.cursor(CursorHint.SEQUENTIAL);
        channel = file.channel();
        assertThat(file.sizeBytes()).as("size of %s when opened", name).isEqualTo(size);
    }

    /** One random operation. */
    void step() throws IOException {
        int dice = random.nextInt(1000);
        if (dice < 280) {
            readPage();
        } else if (dice < 290) {
            scan();
        } else if (dice < 360) {
            readSome();
        } else if (dice < 400) {
            readChannel();
        } else if (dice < 560) {
            writeSome();
        } else if (dice < 600) {
            create();
        } else if (dice < 640) {
            tryWrite();
        } else if (dice < 680) {
            upgrade();
        } else if (dice < 730) {
            writeChannel();
        } else if (dice < 760) {
            releaseClean();
        } else if (dice < 840) {
            pinOrRelease();
        } else if (dice < 870) {
            readPinned();
        } else {
            stepOfTheFile(dice);
        }
        assertThat(file.sizeBytes()).as("size of %s", name).isEqualTo(size);
    }

    private void stepOfTheFile(int dice) throws IOException {
        if (dice < 890) {
            append();
        } else if (dice < 900) {
            readBeyondTheEnd();
        } else if (dice < 940) {
            prefetch();
        } else if (dice < 945) {
            readAsync();
        } else if (dice < 955) {
            invalidate();
        } else if (dice < 962) {
            punchHole();
        } else if (dice < 975) {
            truncate();
        } else if (dice < 985) {
            sync();
        } else if (dice < 992) {
            flushSome();
        } else if (dice < 998) {
            force();
        } else {
            reopen();
        }
    }

    /** Compares everything, durable bytes too, and closes. */
    void finish() throws IOException {
        for (int page = 0; page < sizePages(); page++) {
            compare(page);
        }
        reopen();
        close();
    }

    private int sizePages() {
        return (size + PAGE_BYTES - 1) / PAGE_BYTES;
    }

    private int anyPage() {
        return random.nextInt(sizePages());
    }

    // ---- reads

    private void readPage() {
        if (size > 0) {
            compare(anyPage());
        }
    }

    /** Pages one after the other, forward or backward. */
    private void scan() {
        if (size == 0) {
            return;
        }
        int step = random.nextBoolean() ? 1 : -1;
        int page = anyPage();
        for (int i = random.nextInt(20); i > 0 && page >= 0 && page < sizePages(); i--) {
            compare(page);
            page += step;
        }
    }

    private void compare(int page) {
        do {
            cursor.read(page);
            cursor.copyTo(0, MemorySegment.ofArray(bytes), 0, PAGE_BYTES);
        } while (cursor.retry());
        same(page, bytes, 0, PAGE_BYTES);
    }

    /** One number of any width at any place. */
    private void readSome() {
        if (size == 0) {
            return;
        }
        int page = anyPage();
        int width = 1 << random.nextInt(4);
        int offset = random.nextInt(PAGE_BYTES - width + 1);
        long found;
        do {
            cursor.read(page);
            found =
                    switch (width) {
                        case 1 -> cursor.getByte(offset) & 0xFFL;
                        case 2 -> cursor.getShort(offset) & 0xFFFFL;
                        case 4 -> cursor.getInt(offset) & 0xFFFF_FFFFL;
                        default -> cursor.getLong(offset);
                    };
        } while (cursor.retry());
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, found);
        same(page, bytes, offset, width);
    }

    /** The first bytes of an array are those of a page of the model. */
    private void same(int page, byte[] found, int offset, int count) {
        int at = page * PAGE_BYTES + offset;
        int start = count == PAGE_BYTES ? offset : 0;
        int other = Arrays.mismatch(found, start, start + count, model, at, at + count);
        if (other >= 0) {
            throw new AssertionError(
                    "%s: page %d holds %d at %d, the model %d"
                            .formatted(
                                    name,
                                    page,
                                    found[start + other],
                                    offset + other,
                                    model[at + other]));
        }
    }

    /** Any bytes, across pages. */
    private void readChannel() throws IOException {
        int from = random.nextInt(size + PAGE_BYTES);
        int count = 1 + random.nextInt(3 * PAGE_BYTES);
        byte[] found = new byte[count];
        int read = channel.read(ByteBuffer.wrap(found), from);
        assertThat(read).isEqualTo(from >= size ? -1 : Math.min(count, size - from));
        if (read > 0) {
            assertThat(Arrays.mismatch(found, 0, read, model, from, from + read))
                    .as("bytes of %s from %s", name, from)
                    .isNegative();
        }
    }

    private void prefetch() {
        int from = random.nextInt(sizePages() + 2);
        if (random.nextBoolean()) {
            file.prefetchRange(from, random.nextInt(8));
        } else {
            file.prefetch(from, random.nextInt(sizePages() + 2), random.nextInt(PAGES_MAX));
        }
    }

    private void readAsync() {
        if (size == 0) {
            return;
        }
        int page = anyPage();
        CompletableFuture<@Nullable Throwable> told = new CompletableFuture<>();
        file.readAsync(page, (of, failure) -> told.complete(failure));
        assertThat(told.orTimeout(Running.DEADLINE_SECONDS, TimeUnit.SECONDS).join())
                .as("failure")
                .isNull();
        compare(page);
    }

    private void readBeyondTheEnd() {
        int page = sizePages() + random.nextInt(3);
        try {
            cursor.read(page);
        } catch (IndexOutOfBoundsException expected) {
            return;
        }
        throw new AssertionError(name + ": read page " + page + " of " + sizePages());
    }

    // ---- writes

    private void writeSome() {
        int page = random.nextInt(Math.min(PAGES_MAX, sizePages() + 3));
        cursor.write(page);
        wroteUpTo(page);
        change(page);
        cursor.release();
    }

    private void tryWrite() {
        int whole = size / PAGE_BYTES;
        int page = random.nextInt(whole + 1);
        if (cursor.tryWrite(page)) {
            assertThat(page).isLessThan(whole);
            change(page);
            cursor.release();
        }
    }

    private void create() {
        int page = random.nextInt(Math.min(PAGES_MAX, sizePages() + 3));
        cursor.create(page);
        wroteUpTo(page);
        Arrays.fill(model, page * PAGE_BYTES, (page + 1) * PAGE_BYTES, (byte) 0);
        if (random.nextBoolean()) {
            change(page);
            cursor.release();
        } else {
            cursor.releaseClean(); // zeros are a change all the same
        }
    }

    private void upgrade() {
        int whole = size / PAGE_BYTES;
        if (whole == 0) {
            return;
        }
        int page = random.nextInt(whole);
        cursor.read(page);
        if (cursor.upgrade()) {
            change(page);
            cursor.downgrade();
            cursor.copyTo(0, MemorySegment.ofArray(bytes), 0, PAGE_BYTES);
            same(page, bytes, 0, PAGE_BYTES);
            cursor.release();
        }
    }

    /** Any bytes, across pages, perhaps beyond the end, which the file then has exactly. */
    private void writeChannel() throws IOException {
        int from = random.nextInt(Math.min(model.length, size + PAGE_BYTES));
        int count = 1 + random.nextInt(Math.min(2 * PAGE_BYTES, model.length - from));
        byte[] content = new byte[count];
        random.nextBytes(content);
        assertThat(channel.write(ByteBuffer.wrap(content), from)).isEqualTo(count);
        System.arraycopy(content, 0, model, from, count);
        size = Math.max(size, from + count);
    }

    private void wroteUpTo(int page) {
        size = Math.max(size, (page + 1) * PAGE_BYTES);
    }

    /** Stores random bytes somewhere in the latched page, and looks at the rest of it first. */
    private void change(int page) {
        cursor.copyTo(0, MemorySegment.ofArray(bytes), 0, PAGE_BYTES);
        same(page, bytes, 0, PAGE_BYTES);
        int offset = random.nextInt(PAGE_BYTES);
        int count = 1 + random.nextInt(PAGE_BYTES - offset);
        byte[] content = new byte[count];
        random.nextBytes(content);
        cursor.copyFrom(offset, MemorySegment.ofArray(content), 0, count);
        System.arraycopy(content, 0, model, page * PAGE_BYTES + offset, count);
    }

    private void releaseClean() {
        int whole = size / PAGE_BYTES;
        if (whole > 0) {
            cursor.write(random.nextInt(whole));
            cursor.releaseClean();
        }
    }

    private void append() {
        if (sizePages() < PAGES_MAX) {
            int page = sizePages();
            assertThat(file.append()).isEqualTo(page);
            wroteUpTo(page);
        }
    }

    // ---- pins

    private void pinOrRelease() {
        if (pins.isFull() || (!pins.isEmpty() && random.nextBoolean())) {
            pins.release(random, this::expected);
        } else if (size > 0) {
            pins.pin(file, anyPage());
        }
    }

    private void readPinned() {
        pins.compare(this::expected);
    }

    private byte[] expected(int page) {
        return Arrays.copyOfRange(model, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    }

    // ---- the file as a whole

    private void truncate() throws IOException {
        int bytes = random.nextInt(Math.min(model.length, size + 2 * PAGE_BYTES) + 1);
        if (random.nextInt(4) == 0) {
            bytes -= bytes % PAGE_BYTES;
        }
        if (bytes < size) {
            pins.detach((bytes + PAGE_BYTES - 1) / PAGE_BYTES, this::expected);
            Arrays.fill(model, bytes, model.length, (byte) 0);
        }
        file.truncate(bytes);
        size = bytes;
    }

    /** What is cached is dropped; what is dirty or held is not lost. */
    private void invalidate() throws IOException {
        int first = random.nextInt(PAGES_MAX);
        int count = random.nextInt(30);
        if (random.nextBoolean()) {
            file.tryInvalidate(first, count);
        } else {
            assertThat(file.invalidate(first, count)).isLessThanOrEqualTo(pins.count());
        }
    }

    private void punchHole() throws IOException {
        int from = random.nextInt(size + PAGE_BYTES);
        int count = random.nextInt(6 * PAGE_BYTES);
        pins.mayDetach(
                this::expected,
                () -> {
                    file.punchHole(from, count);
                    int end = Math.min(size, from + count);
                    Arrays.fill(model, Math.min(from, end), end, (byte) 0);
                });
    }

    private void sync() throws IOException {
        file.sync();
        compareDurable();
    }

    private void force() throws IOException {
        channel.force(random.nextBoolean());
        compareDurable();
    }

    private void flushSome() throws IOException {
        int first = random.nextInt(PAGES_MAX);
        if (random.nextBoolean()) {
            file.flush(first, random.nextInt(20));
        } else {
            file.syncRange(first, random.nextInt(20));
        }
    }

    /** After a sync the store's medium is the model. */
    private void compareDurable() {
        assertThat(backing.durableSize()).as("durable size of %s", name).isEqualTo(size);
        for (int page = 0; page < sizePages(); page++) {
            same(page, backing.durable(page), 0, PAGE_BYTES);
        }
    }

    private void reopen() throws IOException {
        close();
        open();
    }

    private void close() throws IOException {
        channel.close();
        pins.detach(0, this::expected);
        file.close();
        pins.closeAll(this::expected);
        cursor.close();
        compareDurable();
    }
}
