package dev.quire.faults;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Which call fails: the n-th of a point, and perhaps all that follow. */
final class Plan {
    private final Point point;
    private final long n;
    private final boolean sticky;
    private final boolean lying;
    private final Map<Point, AtomicLong> asked = new EnumMap<>(Point.class);
    private final AtomicLong struck = new AtomicLong();

    private Plan(Point point, long n, boolean sticky, boolean lying) {
        this.point = point;
        this.n = n;
        this.sticky = sticky;
        this.lying = lying;
        for (Point each : Point.values()) {
            asked.put(each, new AtomicLong());
        }
    }

    /** Nothing fails; what could have is counted. */
    static Plan survey() {
        return new Plan(Point.FRAME, Long.MAX_VALUE, false, false);
    }

    static Plan once(Point point, long n) {
        return new Plan(point, n, false, false);
    }

    static Plan sticky(Point point, long n) {
        return new Plan(point, n, true, false);
    }

    /** As sticky, but the calls that do nothing say that all is well. */
    static Plan lying(Point point) {
        return new Plan(point, 1, true, true);
    }

    boolean strikes(Point at) {
        long turn = asked(at).incrementAndGet();
        boolean mine = at == point && (sticky ? turn >= n : turn == n);
        return mine && struck.incrementAndGet() <= point.timesMax();
    }

    AtomicLong asked(Point at) {
        AtomicLong count = asked.get(at);
        if (count == null) {
            throw new IllegalArgumentException("no such point: " + at);
        }
        return count;
    }

    long struck() {
        return struck.get();
    }

    boolean lies() {
        return lying;
    }

    Point point() {
        return point;
    }

    @Override
    public String toString() {
        return point + (sticky ? " from the " : " at the ") + n + ". on";
    }
}
