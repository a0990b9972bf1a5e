package dev.quire.pagecache.writeback;

import dev.quire.pagecache.events.SyncEvent;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;

/**
 * One time that a store makes durable what it has, from the making of this on: told and counted.
 */
final class StoreSync {
    private final CacheContext context;
    private final AddressSpace space;
    private final SyncEvent event = new SyncEvent();
    private final long startNanos = System.nanoTime();

    StoreSync(CacheContext context, AddressSpace space) {
        this.context = context;
        this.space = space;
        event.begin();
    }

    void end(boolean failed) {
        context.counters().syncNanos.add(System.nanoTime() - startNanos);
        space.counters().syncs.increment();
        if (event.shouldCommit()) {
            event.file = space.name();
            event.failed = failed;
            event.commit();
        }
    }
}
