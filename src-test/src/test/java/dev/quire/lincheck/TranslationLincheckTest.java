package dev.quire.lincheck;

import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;
import dev.quire.pagecache.space.SlotMemory;
import dev.quire.pagecache.space.Translation;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Pages that come and go, two of one chunk and one of another, whose chunks come and go with them:
 * a page that was inserted is found until it is removed, and each change is one thread's. On real
 * threads that is for jcstress, {@code ChunkInsertAgainstDrop}.
 */
class TranslationLincheckTest {
    private static final int PAGES = 3;

    /** A set of pages. */
    @Param(name = "page", gen = IntGen.class, conf = "0:2")
    public abstract static class Pages {
        @Operation
        public abstract boolean insert(@Param(name = "page") int page);

        @Operation
        public abstract boolean remove(@Param(name = "page") int page);

        @Operation
        public abstract boolean contains(@Param(name = "page") int page);
    }

    /** What they should do. */
    public static class Sequential extends Pages {
        private final boolean[] there = new boolean[PAGES];

        @Override
        public boolean insert(int page) {
            boolean was = there[page];
            there[page] = true;
            return !was;
        }

        @Override
        public boolean remove(int page) {
            boolean was = there[page];
            there[page] = false;
            return was;
        }

        @Override
        public boolean contains(int page) {
            return there[page];
        }
    }

    /** The translation. */
    @Param(name = "page", gen = IntGen.class, conf = "0:2")
    public static class Real extends Pages {
        private final Translation translation = new Translation(SlotMemory.allocated(Chunk.SHIFT));

        private static long place(int page) {
            return page < PAGES - 1 ? page : Chunk.PAGES + page;
        }

        @Operation
        @Override
        public boolean insert(@Param(name = "page") int page) {
            int index = Chunk.index(place(page));
            while (true) {
                Chunk chunk = translation.findOrMake(place(page));
                long seen = chunk.slot(index);
                if (Slot.isResident(seen)) {
                    return false;
                }
                if (chunk.insert(index, seen, Slot.busy(page, 1))) {
                    return true;
                }
            }
        }

        @Operation
        @Override
        public boolean remove(@Param(name = "page") int page) {
            int index = Chunk.index(place(page));
            while (true) {
                Chunk chunk = translation.find(place(page));
                long seen = chunk == null ? Slot.ABSENT : chunk.slot(index);
                if (chunk == null || !Slot.isResident(seen)) {
                    return false;
                }
                if (chunk.clear(index, seen)) {
                    translation.dropIfEmpty(chunk);
                    return true;
                }
            }
        }

        @Operation
        @Override
        public boolean contains(@Param(name = "page") int page) {
            return Slot.isResident(translation.slot(place(page)));
        }
    }

    /**
     * Canary: a chunk whose count knows no end, so that a page is inserted after it was dropped.
     */
    @Param(name = "page", gen = IntGen.class, conf = "0:2")
    public static class WithoutClosedState extends Pages {
        private static final class Dropped {
            final AtomicInteger live = new AtomicInteger();
            final AtomicIntegerArray slots = new AtomicIntegerArray(PAGES);
        }

        private final AtomicReference<@Nullable Dropped> directory = new AtomicReference<>();

        @Operation
        @Override
        public boolean insert(@Param(name = "page") int page) {
            Dropped chunk = directory.get();
            if (chunk == null) {
                Dropped made = new Dropped();
                Dropped found = directory.compareAndExchange(null, made);
                chunk = found == null ? made : found;
            }
            if (!chunk.slots.compareAndSet(page, 0, 1)) {
                return false;
            }
            chunk.live.incrementAndGet();
            return true;
        }

        @Operation
        @Override
        public boolean remove(@Param(name = "page") int page) {
            Dropped chunk = directory.get();
            if (chunk == null || !chunk.slots.compareAndSet(page, 1, 0)) {
                return false;
            }
            if (chunk.live.decrementAndGet() == 0) {
                directory.set(null);
            }
            return true;
        }

        @Operation
        @Override
        public boolean contains(@Param(name = "page") int page) {
            Dropped chunk = directory.get();
            return chunk != null && chunk.slots.get(page) == 1;
        }
    }

    @Test
    void shouldFindWhatWasInsertedInAnyInterleaving() {
        Lincheck.modelCheck(Real.class, Sequential.class);
    }

    @Test
    void shouldFindAChunkThatCannotBeClosed() {
        Lincheck.expectToBeFound(WithoutClosedState.class, Sequential.class);
    }
}
