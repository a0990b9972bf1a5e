package dev.quire.pagecache;

import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.DirtyThrottle;

/** Stops the cursors of a read-only handle where others are slowed down: costs nobody anything. */
final class ReadOnlyGate implements DirtyThrottle {
    @Override
    public boolean active() {
        return true;
    }

    @Override
    public void beforeDirtying(AddressSpace space) {
        throw refused(space);
    }

    @Override
    public boolean wouldStall(AddressSpace space) {
        throw refused(space);
    }

    @Override
    public void dirtied() {}

    static IllegalStateException refused(AddressSpace space) {
        return new IllegalStateException("file is open for reading only: file=" + space.name());
    }
}
