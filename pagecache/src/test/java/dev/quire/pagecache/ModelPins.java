package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/**
 * Pins of one file that are held across operations. Once its page is cut off, a pin keeps the bytes
 * that the page had then.
 */
final class ModelPins {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int PINS_MAX = 2;

    private final List<Pin> pins = new ArrayList<>();
    private final byte[] bytes = new byte[PAGE_BYTES];

    private static final class Pin {
        final PageCursor cursor;
        final int page;
        byte @Nullable [] detached;

        Pin(PageCursor cursor, int page) {
            this.cursor = cursor;
            this.page = page;
        }
    }

    boolean isEmpty() {
        return pins.isEmpty();
    }

    int count() {
        return pins.size();
    }

    boolean isFull() {
        return pins.size() == PINS_MAX;
    }

    void pin(PagedFile file, int page) {
        Pin pin = new Pin(file.cursor(), page);
        pin.cursor.pin(page);
        pins.add(pin);
    }

    void release(Random random, IntFunction<byte[]> model) {
        Pin pin = pins.remove(random.nextInt(pins.size()));
        compare(pin, model);
        pin.cursor.release();
        pin.cursor.close();
    }

    void compare(IntFunction<byte[]> model) {
        pins.forEach(pin -> compare(pin, model));
    }

    private void compare(Pin pin, IntFunction<byte[]> model) {
        assertThat(pin.cursor.detached()).as("page %s", pin.page).isEqualTo(pin.detached != null);
        do {
            pin.cursor.copyTo(0, MemorySegment.ofArray(bytes), 0, PAGE_BYTES);
        } while (pin.cursor.retry());
        byte[] expected = pin.detached != null ? pin.detached : model.apply(pin.page);
        assertThat(bytes).as("pinned page %s", pin.page).isEqualTo(expected);
    }

    /** Pages from here on are about to leave the file. */
    void detach(int fromPage, IntFunction<byte[]> model) {
        for (Pin pin : pins) {
            if (pin.page >= fromPage && pin.detached == null) {
                pin.detached = model.apply(pin.page);
            }
        }
    }

    /**
     * Whether a page that changes is detached is the cache's choice; its bytes are then the old.
     */
    void mayDetach(IntFunction<byte[]> model, Change change) throws IOException {
        List<byte[]> before = new ArrayList<>();
        pins.forEach(pin -> before.add(model.apply(pin.page)));
        change.run();
        for (int i = 0; i < pins.size(); i++) {
            Pin pin = pins.get(i);
            if (pin.detached == null && pin.cursor.detached()) {
                pin.detached = before.get(i);
            }
        }
    }

    interface Change {
        void run() throws IOException;
    }

    /** After the file's close: what is pinned can be read, and let go. */
    void closeAll(IntFunction<byte[]> model) {
        for (Pin pin : pins) {
            compare(pin, model);
            pin.cursor.close();
        }
        pins.clear();
    }
}
