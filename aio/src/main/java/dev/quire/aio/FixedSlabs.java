package dev.quire.aio;

import dev.quire.aio.os.MemoryRun;
import dev.quire.aio.os.RingException;
import dev.quire.allocator.SlabRegistration;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** The slabs of an allocator, registered with all rings of an engine or refused. */
final class FixedSlabs implements AsyncIo.FixedMemory {
    private final RingSet rings;
    private final MemoryPlaces places;
    private final @Nullable MemoryRun run;
    private final @Nullable String refusal;

    FixedSlabs(RingSet rings, MemoryPlaces places, List<SlabRegistration> slabs) {
        this.rings = rings;
        this.places = places;
        MemorySegment first = slabs.getFirst().memory();
        MemorySegment last = slabs.getLast().memory();
        long bytes = last.address() + last.byteSize() - first.address();
        int place = places.take(slabs.size());
        if (place < 0) {
            run = null;
            refusal = "rings have no places left for registered memory: slabs=" + slabs.size();
            return;
        }
        MemoryRun wanted =
                new MemoryRun(place, first.address(), bytes, pieceShift(first.byteSize()));
        RingException refused = rings.register(wanted);
        if (refused != null) {
            places.giveBack(wanted);
        }
        run = refused == null ? wanted : null;
        refusal = refused == null ? null : refused.getMessage();
    }

    @Override
    public @Nullable String refusal() {
        return refusal;
    }

    @Override
    public void release() {
        if (run != null) {
            rings.unregister(run);
            places.giveBack(run);
        }
    }

    // Slabs are a power of two long and one behind the other; only the last may be shorter.
    private static int pieceShift(long firstBytes) {
        return Long.SIZE - Long.numberOfLeadingZeros(firstBytes - 1);
    }
}
