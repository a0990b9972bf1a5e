package dev.quire.pagecache.direct;

import dev.quire.aio.AsyncFile;
import dev.quire.pagecache.backing.DirectStore;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.Translation;

import java.lang.foreign.MemorySegment;

/** What a direct transfer must look like: looked at before anything else is done. */
final class DirectCheck {
    /** Somebody else than the caller: who may not use memory of a confined arena. */
    private static final Thread STRANGER = Thread.ofPlatform().unstarted(() -> {});

    private final AddressSpace space;
    private final long positionMax;

    DirectCheck(AddressSpace space, int pageShift) {
        this.space = space;
        positionMax = Translation.PAGES_MAX << pageShift;
    }

    /** Memory to be read into. */
    void target(DirectStore store, MemorySegment into, long position) {
        if (into.isReadOnly()) {
            throw refused("segment to read into must be writable: segment=" + into);
        }
        source(store, into, position);
    }

    /** Memory to be written from. */
    void source(DirectStore store, MemorySegment from, long position) {
        if (!from.isNative()) {
            throw refused("segment must be native memory: segment=" + from);
        }
        if (!from.scope().isAlive() || !from.isAccessibleBy(Thread.currentThread())) {
            throw refused("segment must be alive, and the caller's to use: segment=" + from);
        }
        long bytes = from.byteSize();
        if (bytes > AsyncFile.TRANSFER_BYTES_MAX) {
            throw refused(
                    "length must be at most "
                            + AsyncFile.TRANSFER_BYTES_MAX
                            + " bytes: length="
                            + bytes);
        }
        if (position < 0 || bytes > positionMax - position) {
            throw refused(
                    "position must be at least 0, and position + length at most "
                            + positionMax
                            + ": position="
                            + position
                            + ", length="
                            + bytes);
        }
        int alignment = store.alignmentBytes();
        int memoryAlignment = store.memoryAlignmentBytes();
        if (((position | bytes) & (alignment - 1)) != 0
                || (from.address() & (memoryAlignment - 1)) != 0) {
            throw refused(
                    "direct I/O needs position and length in multiples of "
                            + alignment
                            + " and the address in multiples of "
                            + memoryAlignment
                            + ": position="
                            + position
                            + ", length="
                            + bytes
                            + ", address=0x"
                            + Long.toHexString(from.address()));
        }
    }

    /** Memory that other threads reach while its owner goes on. */
    void shared(MemorySegment segment) {
        if (!segment.isAccessibleBy(STRANGER)) {
            throw refused(
                    "segment of an asynchronous transfer must not be of a confined arena: segment="
                            + segment);
        }
    }

    private IllegalArgumentException refused(String what) {
        return new IllegalArgumentException(what + ", file=" + space.name());
    }
}
