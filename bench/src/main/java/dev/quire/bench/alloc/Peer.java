package dev.quire.bench.alloc;

import dev.quire.allocator.frame.FrameTable;
import dev.quire.allocator.zone.LockFreeBuddy;
import dev.quire.allocator.zone.LockedBuddy;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

/** The allocators that are measured. */
public enum Peer {
    /** None: the measurement itself. */
    NONE,
    /** Quire, frame caches and all. */
    QUIRE,
    /** The zone beneath Quire's caches, alone. */
    LOCK_FREE_BUDDY,
    /** The classic zone, free lists under one lock. */
    LOCKED_BUDDY,
    /** Netty's pooled allocator, direct buffers. */
    NETTY_POOLED,
    /** Netty's adaptive allocator, direct buffers. */
    NETTY_ADAPTIVE,
    /** C's allocator. */
    MALLOC,
    /** The JDK's confined arenas. */
    ARENA;

    /**
     * Makes one.
     *
     * @param slots how many frames can be held in slots
     * @return nothing allocated, every slot empty
     */
    public Subject open(int slots) {
        return switch (this) {
            case NONE -> new NoSubject(slots);
            case QUIRE -> new QuireSubject(slots);
            case LOCK_FREE_BUDDY ->
                    new ZoneSubject(new LockFreeBuddy(Subject.CAPACITY_FRAMES), slots);
            case LOCKED_BUDDY ->
                    new ZoneSubject(
                            new LockedBuddy(new FrameTable(Subject.CAPACITY_FRAMES)), slots);
            case NETTY_POOLED -> new NettySubject(new PooledByteBufAllocator(true), slots);
            case NETTY_ADAPTIVE -> new NettySubject(new AdaptiveByteBufAllocator(true), slots);
            case MALLOC -> new MallocSubject(slots);
            case ARENA -> new ArenaSubject(slots);
        };
    }
}
