package dev.quire.pagecache.lru;

import dev.quire.pagecache.Running;

import java.util.concurrent.CountDownLatch;

/** Somebody who has the lists of some shards, and no processor, until this is closed. */
public final class HeldUpLists implements AutoCloseable {
    private final CountDownLatch over = new CountDownLatch(1);
    private final Running<Boolean> holder;

    HeldUpLists(RtqShard... shards) throws InterruptedException {
        CountDownLatch has = new CountDownLatch(1);
        holder =
                Running.run(
                        () -> {
                            for (RtqShard shard : shards) {
                                shard.lists.lock();
                            }
                            has.countDown();
                            over.await();
                            for (RtqShard shard : shards) {
                                shard.lists.unlock();
                            }
                        });
        Running.await(has);
    }

    /** All lists of a cache. */
    public static HeldUpLists of(Replacement policy) throws InterruptedException {
        return new HeldUpLists(((Rtq) policy).shards);
    }

    @Override
    public void close() {
        over.countDown();
        Running.until("the lists are given back", holder::isDone);
    }
}
