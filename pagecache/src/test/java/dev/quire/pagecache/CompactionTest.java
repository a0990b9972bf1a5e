package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.BuddyInfo;
import dev.quire.allocator.Mobility;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.reclaim.Compaction;
import dev.quire.pagecache.reclaim.CompactionAgent;
import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** Large free blocks are made by moving pages together. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CompactionTest {
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 16 * 1024;
    private static final int HUGE = 9;
    private static final int HUGE_FRAMES = 1 << HUGE;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
    private PageCache cache;
    private PageAllocator allocator;
    private PagedFile file;

    @BeforeEach
    void open() throws IOException {
        System.out.println("CompactionTest: -Dseed=" + seed);
        open(PageCacheConfig.builder());
    }

    private void open(PageCacheConfig.Builder config) throws IOException {
        cache =
                PageCache.create(
                        config.memoryBytes((long) FRAMES * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .dirtyPercent(60, 80)
                                .dirtyAge(Duration.ofHours(1))
                                .readAheadBytes(0)
                                .build());
        allocator = cache.context().allocator();
        file = cache.map("store", backing);
    }

    @AfterEach
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void close() throws IOException {
        backing.heal();
        try {
            cache.verify();
            file.close();
            cache.verify();
            CacheFixture.awaitAllFree(cache);
        } finally {
            cache.close();
        }
    }

    /** Fills the frames with pages, drops a random half of them, and brings others in and out. */
    private void churn() throws IOException {
        int pages = FRAMES - FRAMES / 16;
        file.truncate((long) pages * PAGE_BYTES);
        write(0, pages);
        file.sync();
        for (long page = 0; page < pages; page++) {
            if (random.nextBoolean()) {
                file.tryInvalidate(page, 1);
            }
        }
        for (int i = 0; i < pages; i++) {
            long page = random.nextInt(pages);
            if (i % 2 == 0) {
                file.tryInvalidate(page, 1);
            } else {
                read(page);
            }
        }
    }

    private void write(long from, long count) {
        try (PageCursor c = file.cursor()) {
            for (long page = from; page < from + count; page++) {
                c.write(page);
                c.putLong(0, page + 1);
                c.release();
            }
        }
    }

    private long read(long page) {
        try (PageCursor c = file.cursor()) {
            long value;
            do {
                c.read(page);
                value = c.getLong(0);
            } while (c.retry());
            return value;
        }
    }

    private int hugeBlocks() {
        allocator.drainCaches();
        BuddyInfo info = allocator.buddyInfo();
        return info.freeBlocks(HUGE) + 2 * info.freeBlocks(HUGE + 1);
    }

    /** How many pages lie in each block of 512 frames, ascending. */
    private int[] pagesByBlock() {
        FrameTable frames = cache.context().frames();
        int[] pages = new int[FRAMES / HUGE_FRAMES];
        for (int frame = 0; frame < FRAMES; frame++) {
            pages[frame / HUGE_FRAMES] += frames.owner(frame) == FrameTable.OWNER_NONE ? 0 : 1;
        }
        Arrays.sort(pages);
        return pages;
    }

    /** The last page of each block that has one. */
    private List<Long> onePageOfEachBlock() {
        FrameTable frames = cache.context().frames();
        Map<Integer, Long> pages = new HashMap<>();
        for (int frame = 0; frame < FRAMES; frame++) {
            if (frames.owner(frame) != FrameTable.OWNER_NONE) {
                pages.put(frame / HUGE_FRAMES, frames.page(frame));
            }
        }
        return List.copyOf(pages.values());
    }

    /** At least nine of ten possible blocks, for hardly more moves than the fewest there can be. */
    @Test
    void shouldRecoverNearlyAllPossibleHugeBlocksWithHardlyMoreMovesThanNeeded()
            throws IOException {
        churn();
        int before = hugeBlocks();
        int possible = (int) (cache.stats().freeFrames() / HUGE_FRAMES);
        int[] pages = pagesByBlock();
        CompactionResult result = cache.compact(HUGE, Integer.MAX_VALUE);
        int after = hugeBlocks();
        long movesMin = 0;
        for (int block = 0; block < after; block++) {
            movesMin += pages[block];
        }
        System.out.printf(
                "free frames %d: huge blocks %d -> %d of %d, pages moved %d, fewest %d, busy %d%n",
                cache.stats().freeFrames(),
                before,
                after,
                possible,
                result.pagesMoved(),
                movesMin,
                result.pagesBusy());
        assertThat(possible).as("half full").isGreaterThan(10);
        assertThat(before).as("scattered").isLessThan(possible / 4);
        assertThat(result.blocks()).isEqualTo(after - before);
        assertThat(after).isGreaterThanOrEqualTo((int) Math.ceil(0.9 * possible));
        assertThat((double) result.pagesMoved()).isLessThanOrEqualTo(1.2 * movesMin);
        assertThat(cache.compact(HUGE, Integer.MAX_VALUE).pagesMoved())
                .as("nothing is left to do")
                .isZero();
    }

    // S3.10: whatever is resolved while whole blocks move, it is the page that was asked for.
    @Test
    void shouldGiveEachReaderItsPageWhileBlocksAreEmptied() throws Exception {
        churn();
        AtomicBoolean done = new AtomicBoolean();
        List<Running<Boolean>> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            boolean pins = i == 0;
            Random own = new Random(seed + i);
            threads.add(
                    Running.run(
                            () -> {
                                try (PageCursor c = file.cursor()) {
                                    while (!done.get()) {
                                        long page = own.nextLong(file.sizePages());
                                        if (pins) {
                                            c.pin(page);
                                            assertThat(c.getLong(0)).isEqualTo(page + 1);
                                            c.release();
                                        } else {
                                            assertThat(read(page)).isEqualTo(page + 1);
                                        }
                                    }
                                }
                            }));
        }
        long moved = 0;
        try {
            for (int round = 0; round < 40; round++) {
                moved += cache.compact(1 + round % HUGE, 4).pagesMoved();
                for (int i = 0; i < 200; i++) {
                    file.tryInvalidate(random.nextInt((int) file.sizePages()), 1);
                }
            }
        } finally {
            done.set(true);
        }
        for (Running<Boolean> thread : threads) {
            thread.get();
        }
        assertThat(moved).isPositive();
    }

    @Test
    void shouldLeavePinnedPagesAndWhatSharesTheirBlocks() throws IOException {
        churn();
        List<PageCursor> pins = new ArrayList<>();
        List<Long> slots = new ArrayList<>();
        for (long page : onePageOfEachBlock()) {
            PageCursor c = file.cursor();
            c.pin(page);
            pins.add(c);
            slots.add(file.space().translation().slot(page));
        }
        CompactionResult result = cache.compact(HUGE, Integer.MAX_VALUE);
        assertThat(result.blocks()).isZero();
        assertThat(result.pagesMoved()).as("no block is begun in vain").isZero();
        for (int i = 0; i < pins.size(); i++) {
            long slot = file.space().translation().slot(pins.get(i).page());
            assertThat(Slot.frame(slot)).isEqualTo(Slot.frame(slots.get(i)));
            pins.get(i).close();
        }
        assertThat(cache.compact(HUGE, 2).blocks()).isEqualTo(2);
    }

    /** A hook keeps one page of each block: all others of the block stay usable where they are. */
    @Test
    void shouldCountPagesThatTheirHooksKeep() throws IOException {
        churn();
        Set<Long> kept = Set.copyOf(onePageOfEachBlock());
        backing.onMigrate = (page, data) -> !kept.contains(page);
        CompactionResult result = cache.compact(HUGE, Integer.MAX_VALUE);
        assertThat(result.blocks()).isZero();
        assertThat(result.pagesBusy()).isBetween(1L, (long) kept.size());
        for (long page = 0; page < 1000; page++) {
            assertThat(read(page)).isEqualTo(page + 1);
        }
    }

    @Test
    void shouldMoveDirtyPages() throws IOException {
        churn();
        write(0, FRAMES / 3);
        long dirty = cache.stats().dirtyPages();
        assertThat(cache.compact(HUGE, 4).blocks()).isEqualTo(4);
        assertThat(cache.stats().dirtyPages()).isEqualTo(dirty);
        file.sync();
        for (long page = 0; page < FRAMES / 3; page++) {
            assertThat(backing.durable(page)[0]).isEqualTo((byte) (page + 1));
        }
    }

    /** On demand: an allocation that finds no block has one made. */
    @Test
    void shouldMakeABlockForAnAllocationThatFindsNone() throws IOException {
        churn();
        int[] blocks = new int[hugeBlocks() + 3];
        long evictions = cache.stats().evictions();
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = allocator.tryAllocate(HUGE, AllocContext.NORMAL);
            assertThat(blocks[i]).isNotEqualTo(PageAllocator.NO_FRAME);
        }
        assertThat(cache.stats().relocations()).isPositive();
        assertThat(cache.stats().evictions()).as("nothing had to go").isEqualTo(evictions);
        for (int block : blocks) {
            allocator.put(block);
        }
    }

    /** What is never moved lies together, so that it keeps few blocks. */
    @Test
    void shouldKeepWhatNeverMovesApart() throws IOException {
        List<Integer> buffers = new ArrayList<>();
        int pages = FRAMES / 2;
        file.truncate((long) pages * PAGE_BYTES);
        for (int page = 0; page < pages; page++) {
            write(page, 1);
            if (page % 32 == 0) {
                buffers.add(allocator.tryAllocate(0, AllocContext.NORMAL, Mobility.UNMOVABLE));
            }
        }
        long blocksWithBuffers = buffers.stream().map(f -> f / HUGE_FRAMES).distinct().count();
        assertThat(blocksWithBuffers)
                .as("blocks with buffers=%s, buffers=%s", blocksWithBuffers, buffers.size())
                .isLessThanOrEqualTo(2);
        buffers.forEach(allocator::put);
    }

    /** In the background: a bounded number of pages a turn, and nothing that was not asked for. */
    @Test
    void shouldMoveNoMorePagesInATurnThanItMay() throws IOException {
        churn();
        Compaction compaction = new Compaction(cache.context());
        CompactionAgent agent = new CompactionAgent(compaction, allocator, 300);
        int before = hugeBlocks();
        int made = 0;
        for (int turn = 0; turn < 300; turn++) {
            long moved = cache.stats().relocations();
            made += agent.doWork();
            moved = cache.stats().relocations() - moved;
            assertThat(moved).as("turn %s", turn).isLessThanOrEqualTo(300);
        }
        assertThat(made).isPositive();
        assertThat(hugeBlocks()).isEqualTo(before + made);
        assertThat(cache.stats().relocations()).isPositive();
    }

    @Test
    void shouldCompactInTheBackgroundWhenToldTo() throws IOException {
        close();
        open(PageCacheConfig.builder().compaction(HUGE_FRAMES));
        churn();
        Running.until(
                "nearly all possible blocks are free",
                () -> 10L * hugeBlocks() >= 9L * (cache.stats().freeFrames() / HUGE_FRAMES));
    }

    @Test
    void shouldRefuseOrdersAndCountsOutOfRange() {
        assertThatThrownBy(() -> cache.compact(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("order must be 1..10: order=0");
        assertThatThrownBy(() -> cache.compact(11, 1)).hasMessage("order must be 1..10: order=11");
        assertThatThrownBy(() -> cache.compact(9, 0))
                .hasMessage("blocks must be at least 1: blocks=0");
        assertThat(cache.compact(HUGE, 1)).isEqualTo(new CompactionResult(0, 0, 0));
    }
}
