package dev.quire.progress;

import dev.quire.weave.Weaving;
import dev.quire.weave.WovenLoader;

import java.util.Arrays;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;

/**
 * Where a puppet may be held up: before each update of what threads share, each ordered store, and
 * each entry and exit of a lock. Where Quire has one method for an update that many make, each call
 * of it is a point, too.
 */
final class Points {
    private static final String HOOK = "reach";

    private Points() {}

    /** Loads classes whose names begin so, and scenes. */
    static WovenLoader loader(String... prefixes) {
        return new WovenLoader(
                weaving(),
                name ->
                        name.startsWith("dev.quire.progress.scene.")
                                || Arrays.stream(prefixes).anyMatch(name::startsWith),
                name -> name.startsWith("dev.quire."));
    }

    private static Weaving weaving() {
        return Weaving.table()
                .beforeUpdates(Puppet.class, HOOK)
                .beforeStores(Puppet.class, HOOK)
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.allocator.frame.FrameTable",
                        "update|replace|move|tryGet|tryPin|tryLock|tryFreeze|set|clear|unfreeze")
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.allocator.zone.PaddedLongs",
                        "cas|add|swap|setRelease")
                .before(Puppet.class, HOOK, "dev.quire.allocator.zone.Rows", "cas|set")
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.pagecache.space.Slots",
                        "compareAndSet|publish|beginStores")
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.pagecache.space.Chunk",
                        "insert|clear|publish|beginStores|markDirty|unmarkDirty|tryClose")
                .before(Puppet.class, HOOK, ReentrantLock.class, "lock|tryLock|unlock")
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.pagecache.core.BriefLock",
                        "lock|tryLock|tryLockNow|unlock")
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.pagecache.lru.ListLock",
                        "lock|tryLock|unlock|leave")
                .replace(Waits.class, Thread.class, "onSpinWait|yield")
                .replace(Waits.class, ThreadFactory.class, "newThread")
                .replace(Waits.class, LockSupport.class, "park|parkNanos")
                .construct(ReentrantLock.class, SteppedLock.class)
                .construct(StampedLock.class, SteppedStampedLock.class)
                .monitors(Waits.class)
                .build();
    }
}
