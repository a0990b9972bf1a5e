package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A file that one thread uses, and beside it the naive model: an array of bytes and a size.
 * Whatever the thread does to the one it does to the other, and everything that it reads is
 * compared byte by byte.
 */
final class ModelFile {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int PAGES_MAX = 120;
    private static final int PINS_MAX = 2;

    private final PageCache cache;
    private final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
    private final String name;
    private final Random random;
    private final byte[] model = new byte[PAGES_MAX * PAGE_BYTES];
    private final byte[] bytes = new byte[PAGE_BYTES];
    private final List<Pin> pins = new ArrayList<>();
    private PagedFile file;
    private PageCursor cursor;
    private int size;

    /**
     * A pin that is held across operations; once its page is cut off, its bytes stay as they were.
     */
    private static final class Pin {
        final PageCursor cursor;
        final int page;
        byte @Nullable [] detached;

        Pin(PageCursor cursor, int page) {
            this.cursor = cursor;
            this.page = page;
        }
    }

    ModelFile(PageCache cache, String name, Random random) throws IOException {
        this.cache = cache;
        this.name = name;
        this.random = random;
        open();
    }

    private void open() throws IOException {
        file = cache.map(name, backing);
        cursor = file.cursor();
        assertThat(file.sizeBytes()).as("size of %s when opened", name).isEqualTo(size);
    }

    /** One random operation. */
    void step() throws IOException {
        int dice = random.nextInt(1000);
        if (dice < 330) {
            readPage();
        } else if (dice < 430) {
            readSome();
        } else if (dice < 640) {
            writeSome();
        } else if (dice < 700) {
            create();
        } else if (dice < 760) {
            tryWrite();
        } else if (dice < 800) {
            releaseClean();
        } else if (dice < 880) {
            pinOrRelease();
        } else if (dice < 920) {
            readPinned();
        } else if (dice < 940) {
            append();
        } else if (dice < 960) {
            readBeyondTheEnd();
        } else if (dice < 985) {
            truncate();
        } else if (dice < 998) {
            sync();
        } else {
            reopen();
        }
        assertThat(file.sizeBytes()).as("size of %s", name).isEqualTo(size);
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
        if (pins.size() == PINS_MAX || (!pins.isEmpty() && random.nextBoolean())) {
            Pin pin = pins.remove(random.nextInt(pins.size()));
            comparePinned(pin);
            pin.cursor.release();
            pin.cursor.close();
        } else if (size > 0) {
            Pin pin = new Pin(file.cursor(), anyPage());
            pin.cursor.pin(pin.page);
            pins.add(pin);
        }
    }

    private void readPinned() {
        pins.forEach(this::comparePinned);
    }

    private void comparePinned(Pin pin) {
        assertThat(pin.cursor.detached()).as("page %s", pin.page).isEqualTo(pin.detached != null);
        do {
            pin.cursor.copyTo(0, MemorySegment.ofArray(bytes), 0, PAGE_BYTES);
        } while (pin.cursor.retry());
        if (pin.detached == null) {
            same(pin.page, bytes, 0, PAGE_BYTES);
        } else {
            assertThat(bytes).as("detached page %s", pin.page).isEqualTo(pin.detached);
        }
    }

    /** Pages from here on leave the file: who has one pinned keeps what it held. */
    private void detachPins(int fromPage) {
        for (Pin pin : pins) {
            if (pin.page >= fromPage && pin.detached == null) {
                int at = pin.page * PAGE_BYTES;
                pin.detached = Arrays.copyOfRange(model, at, at + PAGE_BYTES);
            }
        }
    }

    // ---- the file as a whole

    private void truncate() throws IOException {
        int bytes = random.nextInt(Math.min(model.length, size + 2 * PAGE_BYTES) + 1);
        if (random.nextInt(4) == 0) {
            bytes -= bytes % PAGE_BYTES;
        }
        if (bytes < size) {
            detachPins((bytes + PAGE_BYTES - 1) / PAGE_BYTES);
            Arrays.fill(model, bytes, model.length, (byte) 0);
        }
        file.truncate(bytes);
        size = bytes;
    }

    private void sync() throws IOException {
        file.sync();
        compareDurable();
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
        detachPins(0);
        file.close();
        for (Pin pin : pins) {
            comparePinned(pin);
            pin.cursor.close();
        }
        pins.clear();
        cursor.close();
        compareDurable();
    }
}
