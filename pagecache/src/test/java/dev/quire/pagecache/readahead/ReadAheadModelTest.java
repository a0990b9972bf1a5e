package dev.quire.pagecache.readahead;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Random streams, forward, backward, with jumps, by several cursors, over a file that grows and is
 * cut, in a cache that loses pages, where memory is short at times and reads fail at times: every
 * window is the naive one's. Replay: {@code -Dseed=N}.
 */
class ReadAheadModelTest {
    private static final int ACCESSES = 20_000;

    private static final List<ReadPattern.Order> ORDERS =
            List.of(
                    ReadPattern.Order.UNKNOWN,
                    ReadPattern.Order.SEQUENTIAL,
                    ReadPattern.Order.RANDOM,
                    ReadPattern.Order.UNKNOWN);

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final int pagesMax = new int[] {0, 1, 2, 3, 8, 32, 128, 256}[random.nextInt(8)];
    private final ReadAhead real = new ReadAhead();
    private final NaiveReadAhead naive = new NaiveReadAhead(pagesMax);
    private final List<ReadPattern> patterns = new ArrayList<>();
    private final List<NaiveReadAhead.Reader> readers = new ArrayList<>();
    private final Set<Long> cached = new HashSet<>();
    private final Set<Long> marked = new HashSet<>();
    private long sizePages = 1L + random.nextInt(5_000);
    private long windows;

    @RepeatedTest(20)
    void shouldPlanTheWindowsOfTheNaiveReference() {
        System.out.printf("ReadAheadModelTest: -Dseed=%d%n", seed);
        real.pagesMax(pagesMax);
        for (ReadPattern.Order order : ORDERS) {
            patterns.add(new ReadPattern(order));
            readers.add(new NaiveReadAhead.Reader(order));
        }
        long[] at = random.longs(12, 0, sizePages).toArray();
        int[] steps = random.ints(12, -1, 2).toArray(); // 0: each page at random
        for (int i = 0; i < ACCESSES; i++) {
            int stream = random.nextInt(at.length);
            boolean jump = steps[stream] == 0 || random.nextInt(200) == 0;
            at[stream] = jump ? random.nextLong(sizePages) : at[stream] + steps[stream];
            if (at[stream] >= 0 && at[stream] < sizePages) {
                access(
                        at[stream],
                        random.nextInt(20) == 0
                                ? random.nextInt(ORDERS.size())
                                : stream % ORDERS.size());
            }
            disturb();
        }
        assertThat(windows > 0).as("anything was read ahead").isEqualTo(pagesMax >= 2);
    }

    private void access(long page, int cursor) {
        if (!cached.contains(page)) {
            cached.add(page);
            Window window = real.missed(page, sizePages, patterns.get(cursor));
            List<Long> expected = naive.missed(page, sizePages, readers.get(cursor));
            read(page, window, expected);
        } else if (marked.remove(page)) {
            read(page, real.reached(page, sizePages), naive.reached(page, sizePages));
        }
    }

    private void read(long page, @Nullable Window window, List<Long> expected) {
        List<Long> planned = new ArrayList<>();
        for (int i = 0; window != null && i < window.pages(); i++) {
            planned.add(window.after(i));
        }
        assertThat(planned).as("window at page %s of %s", page, sizePages).isEqualTo(expected);
        if (window == null) {
            return;
        }
        windows++;
        assertThat(planned).allMatch(p -> p >= 0 && p < sizePages);
        int covered = random.nextInt(30) == 0 ? random.nextInt(planned.size()) : planned.size();
        boolean first = true;
        for (long p : planned.subList(0, covered)) {
            if (cached.add(p) && first) {
                first = false;
                marked.add(p);
                real.marked(window, p);
                naive.marked(p);
            }
        }
        if (covered < planned.size()) {
            real.cut(window, covered);
            naive.cut(planned, covered);
        }
    }

    private void disturb() {
        switch (random.nextInt(300)) {
            case 0 -> {
                real.failed();
                naive.failed();
            }
            case 3 -> {
                real.wasted();
                naive.wasted = true;
            }
            case 1 -> {
                sizePages = 1L + random.nextInt(5_000);
                cached.removeIf(page -> page >= sizePages);
                marked.retainAll(cached);
            }
            case 2 -> {
                cached.removeIf(page -> random.nextInt(4) == 0);
                marked.retainAll(cached);
            }
            default -> {
                // goes on
            }
        }
    }
}
