package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * From page numbers to slots, one a file: windows of slots, made on first touch.
 *
 * <p>A cursor that stays in its window needs none of the loads. There is no lock: who drops a chunk
 * is waited for by those who want one of its pages, and by nobody else.
 */
public final class Translation {
    /** Pages that a file can have. */
    public static final long PAGES_MAX = 1L << 39;

    private static final VarHandle WINDOWS;

    static {
        try {
            WINDOWS =
                    MethodHandles.lookup()
                            .findVarHandle(Translation.class, "windows", SlotWindow[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SlotMemory memory;
    private final int windowShift;
    private volatile @Nullable SlotWindow[] windows = new @Nullable SlotWindow[0];

    /**
     * A translation without a page.
     *
     * @param memory where slots lie
     */
    public Translation(SlotMemory memory) {
        this.memory = memory;
        windowShift = memory.windowShift();
    }

    /**
     * A page's slot, before the bytes it names are read.
     *
     * @param page page index
     * @return the slot, read with acquire; ABSENT when the page has no chunk
     */
    public long slot(long page) {
        Chunk chunk = find(page);
        return chunk == null ? Slot.ABSENT : chunk.slot(Chunk.index(page));
    }

    /**
     * The window that a page's slot lies in.
     *
     * @param page page index
     * @return null when no page of it was ever touched
     */
    @Nullable SlotWindow window(long page) {
        @Nullable SlotWindow[] windows = this.windows;
        long number = page >>> windowShift;
        return number < windows.length ? windows[(int) number] : null;
    }

    /**
     * The window that a page's slot lies in; made when there is none.
     *
     * @param page page index, 0..PAGES_MAX-1
     * @return the same for the life of the file
     */
    public SlotWindow windowOrMake(long page) {
        SlotWindow window = window(page);
        return window != null ? window : makeWindow(page);
    }

    private SlotWindow makeWindow(long page) {
        int number = Math.toIntExact(page >>> windowShift);
        SlotWindow made = new SlotWindow((long) number << windowShift, memory);
        while (true) {
            @Nullable SlotWindow[] windows = this.windows;
            SlotWindow window = number < windows.length ? windows[number] : null;
            if (window != null) {
                return window; // ours is left to the collector
            }
            // A copy, published as a whole: windows are few.
            @Nullable SlotWindow[] next =
                    Arrays.copyOf(windows, Math.max(windows.length, number + 1));
            next[number] = made;
            if (WINDOWS.compareAndSet(this, windows, next)) {
                return made;
            }
        }
    }

    /**
     * The chunk that holds a page's slot.
     *
     * @param page page index, at least 0
     * @return null when no page of it was ever touched, or all have gone
     */
    public @Nullable Chunk find(long page) {
        SlotWindow window = window(page);
        return window == null ? null : window.find(page);
    }

    /**
     * The chunk that holds a page's slot; made when there is none.
     *
     * @param page page index, 0..PAGES_MAX-1
     * @return a chunk that was not closed when it was found
     */
    public Chunk findOrMake(long page) {
        Chunk chunk = find(page);
        return chunk != null && chunk.live() >= 0 ? chunk : make(page);
    }

    /**
     * As {@link #findOrMake}, for who may wait for nobody.
     *
     * @param page page index, 0..PAGES_MAX-1
     * @return null while the chunk that held the page's slot is being dropped
     */
    @Nullable Chunk tryFindOrMake(long page) {
        return windowOrMake(page).tryMake(page);
    }

    private Chunk make(long page) {
        return windowOrMake(page).make(page);
    }

    /**
     * Drops a chunk if nothing is in it.
     *
     * @param chunk a chunk of this translation
     */
    public void dropIfEmpty(Chunk chunk) {
        SlotWindow window = window(chunk.firstPage());
        if (window != null && chunk.live() == 0) {
            window.drop(chunk);
        }
    }

    /**
     * The first chunk at or after a page that holds anything.
     *
     * @param page page index
     * @return null when there is none
     */
    public @Nullable Chunk findFrom(long page) {
        @Nullable SlotWindow[] windows = this.windows;
        for (long number = page >>> windowShift; number < windows.length; number++) {
            SlotWindow window = windows[(int) number];
            Chunk chunk =
                    window == null ? null : window.findFrom(Math.max(page, window.firstPage()));
            if (chunk != null) {
                return chunk;
            }
        }
        return null;
    }

    /**
     * How many bytes the slots, the dirty index and the directories take, object headers aside.
     *
     * @return bytes
     */
    public long metadataBytes() {
        long bytes = 0;
        for (SlotWindow window : windows) {
            bytes += window == null ? 0 : window.directoryBytes();
        }
        for (Chunk chunk = findFrom(0);
                chunk != null;
                chunk = findFrom(chunk.firstPage() + Chunk.PAGES)) {
            bytes += ((long) Chunk.PAGES << Slots.SHIFT) + Chunk.PAGES / Byte.SIZE;
        }
        return bytes;
    }
}
