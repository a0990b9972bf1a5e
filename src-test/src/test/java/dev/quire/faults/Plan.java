package dev.quire.faults;

import org.jspecify.annotations.Nullable;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Which call fails: the n-th of a point, and perhaps all that follow, or one of another point. */
final class Plan {
    private final Point point;
    private final long n;
    private final boolean sticky;
    private final boolean lying;
    private final @Nullable Point next;
    private final Map<Point, AtomicLong> asked = new EnumMap<>(Point.class);
    private final Map<Point, AtomicLong> askedLater = new EnumMap<>(Point.class);
    private final AtomicLong struck = new AtomicLong();

    private Plan(Point point, long n, boolean sticky, boolean lying, @Nullable Point next) {
        this.point = point;
        this.n = n;
        this.sticky = sticky;
        this.lying = lying;
        this.next = next;
        for (Point each : Point.values()) {
            asked.put(each, new AtomicLong());
            askedLater.put(each, new AtomicLong());
        }
    }

    /** Nothing fails; what could have is counted. */
    static Plan survey() {
        return new Plan(Point.FRAME, Long.MAX_VALUE, false, false, null);
    }

    static Plan once(Point point, long n) {
        return new Plan(point, n, false, false, null);
    }

    static Plan sticky(Point point, long n) {
        return new Plan(point, n, true, false, null);
    }

    /** The n-th of a point, and then the first call of another: what only a failure leads to. */
    static Plan once(Point point, long n, Point next) {
        return new Plan(point, n, false, false, next);
    }

    /** As sticky, but the calls that do nothing say that all is well. */
    static Plan lying(Point point) {
        return new Plan(point, 1, true, true, null);
    }

    boolean strikes(Point at) {
        long later = struck.get() == 0 ? 0 : count(askedLater, at).incrementAndGet();
        long turn = count(asked, at).incrementAndGet();
        boolean mine = at == point && (sticky ? turn >= n : turn == n);
        boolean first = mine && struck.incrementAndGet() <= point.timesMax();
        return first || (at == next && later == 1);
    }

    private static AtomicLong count(Map<Point, AtomicLong> counts, Point at) {
        return Objects.requireNonNull(counts.get(at));
    }

    long asked(Point at) {
        return count(asked, at).get();
    }

    /** How often since something failed. */
    long askedLater(Point at) {
        return count(askedLater, at).get();
    }

    /** Whether all that was to fail did. */
    boolean isDone() {
        return struck.get() > 0 && (next == null || askedLater(next) > 0);
    }

    /** Whether the system was made to refuse what gives memory back. */
    boolean keepsMemory() {
        return !lying && (point.keepsMemory() || (next != null && next.keepsMemory()));
    }

    boolean lies() {
        return lying;
    }

    Point point() {
        return point;
    }

    /** Whether an error says somewhere what it comes of. */
    boolean isNamedBy(String text) {
        return point.isNamedBy(text) || (next != null && next.isNamedBy(text));
    }

    @Override
    public String toString() {
        String first = point + (sticky ? " from call " : " at call ") + n;
        return first + (sticky ? " on" : "") + (next == null ? "" : ", then " + next);
    }
}
