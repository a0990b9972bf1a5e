package dev.quire.pagecache.lru;

import static dev.quire.allocator.frame.FrameState.REFUSED;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.LongUnaryOperator;

/**
 * Two lists, the main one guarded by a recency test: a page that comes back takes a place on the
 * main list only if it was seen in use later than the page that would have to go for it.
 *
 * <p>Pages come in on probation, in its younger half, where their uses do not count yet: several
 * touches by the operation that brought them in are one. In the older half they do; who reaches the
 * end used moves to the main list, the others go, and leave a memo. Probation grows when pages come
 * back that have just left it, and shrinks when pages come back that have just left the main list.
 */
public final class Rtq implements Replacement {
    /*
     * How it works: pages are dealt to shards by a hash of their number, each a small cache of its own
     * with a clock (its misses), a lock and its rules; the fullest shard gives up the next page, so
     * that all stay about as large. A miss takes one lock for a short step, if it is free, a hit
     * none.
     *
     * The lists are Linux's; the halved probation, the recency test and the short window of adaptation
     * came out of simulation (ADR 5).
     */

    /** In smaller shards what comes and goes with a batch is too much of probation (ADR 5). */
    static final int SHARD_FRAMES_MIN = 4096;

    private static final int SHARDS_PER_PROCESSOR = 4;

    /** Of a shard's frames: no more are isolated at a time, so that shards stay about as large. */
    private static final int BATCH_PART = 512;

    /** Longer than lists are needed for, and than a time slice: who has them has no processor. */
    private static final long HELD_UP_NANOS = 10_000_000;

    private final FrameTable frames;
    private final RtqColumns columns;
    final RtqShard[] shards; // tests take their locks
    private volatile int batchMax;

    /**
     * Empty lists.
     *
     * @param frames the side table
     * @param put drops a reference to a frame; must not block
     */
    public Rtq(FrameTable frames, IntConsumer put) {
        this(
                frames,
                put,
                shardsFor(frames.frameCount(), Runtime.getRuntime().availableProcessors()));
    }

    Rtq(FrameTable frames, IntConsumer put, int shardCount) {
        this.frames = frames;
        columns = new RtqColumns(frames.frameCount());
        int share = share(frames.frameCount(), shardCount);
        batchMax = batchMax(share);
        shards = new RtqShard[shardCount];
        for (int i = 0; i < shardCount; i++) {
            shards[i] = new RtqShard(i, share, frames, columns, put);
        }
    }

    /** A power of two: enough that threads seldom meet, and none too small. */
    static int shardsFor(int frameCount, int processors) {
        int wanted = Math.min(processors * SHARDS_PER_PROCESSOR, RtqColumns.SHARDS_MAX);
        int most = Math.max(1, frameCount / SHARD_FRAMES_MIN);
        return Integer.highestOneBit(Math.min(wanted, most));
    }

    private static int share(int frameCount, int shardCount) {
        return Math.max(1, frameCount / shardCount);
    }

    private static int batchMax(int share) {
        return Math.max(1, share / BATCH_PART);
    }

    @Override
    public void resize(int frameCount) {
        int share = share(frameCount, shards.length);
        batchMax = batchMax(share);
        for (RtqShard shard : shards) {
            shard.resize(share);
        }
    }

    private RtqShard shardOf(int owner, long page) {
        long hash = (page ^ (long) owner << Integer.SIZE) * 0x9e37_79b9_7f4a_7c15L;
        hash = (hash ^ hash >>> Integer.SIZE) * 0xd6e8_feb8_6659_fd93L;
        return shards[(int) (hash >>> Integer.SIZE) & shards.length - 1];
    }

    @Override
    public boolean insert(int frame, long memo) {
        return shardOf(frames.owner(frame), frames.page(frame)).insert(frame, memo);
    }

    @Override
    public long leave(int frame) {
        return at(frame).leave(frame);
    }

    /** The shard that a frame is, or was last, on the lists of. */
    private RtqShard at(int frame) {
        return shards[columns.shard(frame)];
    }

    @Override
    public boolean remembers(int owner, long page, long memo) {
        return shardOf(owner, page).remembers(memo);
    }

    @Override
    public int isolate(int[] batch, int max) {
        RtqShard shard = fullest();
        if (shard.supply() == 0) {
            for (RtqShard each : shards) {
                each.forgive();
            }
            shard = fullest();
        }
        int wanted = Math.min(max, batchMax);
        int count = shard.isolate(batch, wanted);
        return count == HELD_UP ? isolateElsewhere(shard, batch, wanted) : count;
    }

    private int isolateElsewhere(RtqShard taken, int[] batch, int wanted) {
        boolean aging = false;
        for (RtqShard shard : shards) {
            // One whose pages were all refused has none to give: that is no way out.
            if (shard != taken && shard.supply() > 0) {
                int count = shard.isolate(batch, wanted);
                if (count > 0) {
                    return count;
                }
                aging |= count == 0;
            }
        }
        return aging ? 0 : taken.isolate(batch, wanted, HELD_UP_NANOS);
    }

    @Override
    public int isolateUnlinked(int[] batch, int max) {
        int count = 0;
        for (RtqShard shard : shards) {
            count += shard.isolateUnlinked(batch, count, max);
        }
        return count;
    }

    @Override
    public boolean heldUp() {
        @Nullable RtqShard taken = null;
        for (RtqShard shard : shards) {
            if (shard.size() == 0) {
                continue;
            }
            if (!shard.lists.tryLock()) {
                taken = shard;
            } else {
                shard.lists.unlock();
                if (shard.supply() > 0) {
                    return false;
                }
            }
        }
        if (taken == null || !taken.lists.tryLock(HELD_UP_NANOS)) {
            return taken != null;
        }
        taken.lists.unlock();
        return false;
    }

    /** The shard with the most pages, of those that have one that may go. */
    private RtqShard fullest() {
        RtqShard fullest = shards[0];
        int most = fullest.supply();
        for (int i = 1; i < shards.length; i++) {
            int supply = shards[i].supply();
            if (supply > most) {
                fullest = shards[i];
                most = supply;
            }
        }
        return fullest;
    }

    @Override
    public void putBack(int frame, boolean used) {
        at(frame).putBack(frame, used);
    }

    @Override
    public void replace(int from, int to) {
        at(from).replace(from, to);
    }

    @Override
    public boolean remove(int frame) {
        if (!claim(frame)) {
            return false;
        }
        at(frame).unlink(frame);
        return true;
    }

    private boolean claim(int frame) {
        return frames.update(frame, FrameState::claimLru) != REFUSED;
    }

    @Override
    public boolean drop(int frame) {
        return tryRemove(frame, FrameState::claimLru);
    }

    @Override
    public boolean removeDeferred(int frame) {
        return tryRemove(frame, FrameState::claimDeferred);
    }

    private boolean tryRemove(int frame, LongUnaryOperator claim) {
        RtqShard about = at(frame);
        boolean claimed = about.tryRemove(frame, claim);
        // It had left these lists, and came to others at the last moment.
        if (claimed && at(frame) != about) {
            at(frame).unlink(frame);
        }
        return claimed;
    }

    @Override
    public int size() {
        int size = 0;
        for (RtqShard shard : shards) {
            size += shard.size();
        }
        return size;
    }

    @Override
    public int snapshot(int[] into) {
        int[][][] ofShards = new int[shards.length][][];
        for (int i = 0; i < shards.length; i++) {
            ofShards[i] = shards[i].snapshot();
        }
        return takeTurns(ofShards, 1, into, takeTurns(ofShards, 0, into, 0));
    }

    /** One of the lists of all shards: pages are dealt to them evenly, and so are their ages. */
    private static int takeTurns(int[][][] ofShards, int list, int[] into, int from) {
        int at = from;
        boolean more = true;
        for (int turn = 0; more; turn++) {
            more = false;
            for (int[][] lists : ofShards) {
                if (turn < lists[list].length && at < into.length) {
                    into[at++] = lists[list][turn];
                    more = true;
                }
            }
        }
        return at;
    }

    int[] shardSizes() {
        return Arrays.stream(shards).mapToInt(RtqShard::size).toArray();
    }

    @Override
    public long metadataBytes() {
        return columns.bytes();
    }

    @Override
    public void verify() {
        int linked = 0;
        for (RtqShard shard : shards) {
            linked += shard.verify();
        }
        FrameList.verifyFlags(frames, linked);
    }
}
