package dev.quire.pagecache.readahead;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.LongStream;

/** What {@link ReadAhead} and {@link ReadPattern} are to decide, without their shortcuts. */
final class NaiveReadAhead {
    /** Pages of a window in the order in which they are wanted; empty for no window. */
    private static final List<Long> NOTHING = List.of();

    private static final class Scan {
        long next;
        long marker = Long.MIN_VALUE;
        long step;
        long window;
        boolean said;
    }

    /** The least lately seen first. */
    private final List<Scan> scans = new ArrayList<>();

    private final long pagesMax;
    boolean wasted;
    private int doubtful; // windows
    private long shrunkLimit = Long.MAX_VALUE / 4;

    NaiveReadAhead(long pagesMax) {
        this.pagesMax = pagesMax;
    }

    /** A cursor: its last misses. */
    static final class Reader {
        final ReadPattern.Order order;
        private final Deque<Long> misses = new ArrayDeque<>();

        Reader(ReadPattern.Order order) {
            this.order = order;
        }

        private long direction(long page, boolean doubtful) {
            long direction = order == ReadPattern.Order.SEQUENTIAL ? 1 : 0;
            boolean three = doubtful && order != ReadPattern.Order.SEQUENTIAL;
            List<Long> all = List.copyOf(misses);
            List<Long> last = all.subList(Math.max(0, all.size() - 8), all.size());
            boolean down =
                    three ? all.containsAll(List.of(page + 1, page + 2)) : last.contains(page + 1);
            boolean up =
                    three ? all.containsAll(List.of(page - 1, page - 2)) : last.contains(page - 1);
            direction = down ? -1 : direction;
            direction = up || (page == 0 && !three) ? 1 : direction;
            misses.addLast(page);
            if (misses.size() > 16) {
                misses.removeFirst();
            }
            return direction;
        }
    }

    List<Long> missed(long page, long sizePages, Reader reader) {
        if (pagesMax < 2 || reader.order == ReadPattern.Order.RANDOM) {
            return NOTHING;
        }
        noteWaste();
        Scan known = scans.stream().filter(scan -> scan.next == page).findFirst().orElse(null);
        long found = reader.direction(page, doubtful > 0);
        boolean anothers =
                known != null
                        && doubtful > 0
                        && known.said
                        && reader.order != ReadPattern.Order.SEQUENTIAL;
        long direction = known == null || anothers ? found : known.step;
        if (direction == 0) {
            return NOTHING;
        }
        direction = known == null ? direction : known.step;
        long limit = limit();
        long window;
        if (known != null) {
            window = grown(known.window, limit);
        } else if (reader.order == ReadPattern.Order.SEQUENTIAL) {
            window = limit;
        } else {
            window = Math.min(4, limit);
        }
        boolean said = known == null && reader.order == ReadPattern.Order.SEQUENTIAL;
        List<Long> planned =
                plan(known, direction, page + direction, window, window - 1, sizePages);
        scans.getLast().said |= said;
        return planned;
    }

    List<Long> reached(long page, long sizePages) {
        if (pagesMax < 2) {
            return NOTHING;
        }
        noteWaste();
        Scan known = scans.stream().filter(scan -> scan.marker == page).findFirst().orElse(null);
        if (known == null) {
            return NOTHING;
        }
        long window = grown(known.window, limit());
        return plan(known, known.step, known.next, window, window, sizePages);
    }

    private long limit() {
        doubtful = Math.max(0, doubtful - 1);
        long limit = Math.max(1, Math.min(pagesMax, shrunkLimit));
        shrunkLimit = Math.min(shrunkLimit * 2, Long.MAX_VALUE / 4);
        return limit;
    }

    private void noteWaste() {
        if (wasted) {
            wasted = false;
            if (doubtful < 64) {
                failed();
                doubtful = 64;
                scans.removeIf(scan -> !scan.said);
            }
        }
    }

    private static long grown(long window, long limit) {
        return Math.min(limit, window < limit / 16 ? window * 4 : window * 2);
    }

    private List<Long> plan(
            @Nullable Scan known, long step, long first, long window, long pages, long sizePages) {
        Scan scan = known == null ? new Scan() : known;
        scans.remove(scan);
        scans.add(scan);
        if (scans.size() > 16) {
            scans.removeFirst();
        }
        List<Long> planned =
                LongStream.range(0, pages)
                        .map(i -> first + i * step)
                        .filter(page -> page >= 0 && page < sizePages)
                        .boxed()
                        .toList();
        scan.step = step;
        scan.window = window;
        scan.marker = Long.MIN_VALUE;
        goOnAt(scan, first + planned.size() * step);
        return planned;
    }

    private void goOnAt(Scan scan, long next) {
        scans.removeIf(other -> other != scan && other.next == next);
        scan.next = next;
    }

    void marked(long page) {
        scans.forEach(scan -> scan.marker = scan.marker == page ? Long.MIN_VALUE : scan.marker);
        scans.getLast().marker = page;
    }

    void cut(List<Long> planned, int covered) {
        Scan scan = scans.getLast();
        goOnAt(scan, planned.get(covered));
        scan.window = Math.max(1, covered);
    }

    void failed() {
        shrunkLimit = Math.max(1, Math.min(pagesMax, shrunkLimit) / 4);
    }
}
