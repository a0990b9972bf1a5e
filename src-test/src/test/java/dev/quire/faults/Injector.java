package dev.quire.faults;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Asked by woven code whether it is to fail now. Any thread; nothing fails without a plan. */
public final class Injector {
    private static final Map<String, List<Point>> POINTS = new ConcurrentHashMap<>();
    private static volatile @Nullable Plan plan;

    private Injector() {}

    static void arm(Plan next) {
        plan = next;
    }

    static void disarm() {
        plan = null;
    }

    static @Nullable Plan plan() {
        return plan;
    }

    /** The failure that strikes a call now; null when it may go on. */
    static @Nullable Point strike(String call) {
        Plan now = plan;
        Point struck = null;
        if (now != null) {
            for (Point point : POINTS.computeIfAbsent(call, Point::of)) {
                struck = now.strikes(point) ? point : struck;
            }
        }
        return struck;
    }

    // ---- called by woven code

    /** Whether no frame is to be had. */
    public static boolean frame() {
        return strike("frame") != null;
    }

    /** Whether a slot was changed by somebody else. */
    public static boolean slot() {
        return strike("slot") != null;
    }

    /** What a completion is made to say: minus an error number, or 0 for the truth. */
    public static int completion() {
        Point point = strike("completion");
        return point == null ? 0 : -point.errno();
    }

    /** What a transfer is made to answer: minus an error number, or the truth. */
    public static long transferred(long answer) {
        int failure = completion();
        return failure == 0 ? answer : failure;
    }

    /** No request is taken. */
    public static void submit() {
        if (strike("submit") != null) {
            throw new IllegalStateException("injected: no submit");
        }
    }

    /** No heap. */
    public static void chunk() {
        refuse("chunk");
    }

    /** No heap. */
    public static void directory() {
        refuse("directory");
    }

    /** No heap. */
    public static void window() {
        refuse("window");
    }

    /** No heap. */
    public static void waiter() {
        refuse("waiter");
    }

    /** No native memory. */
    public static void arena(int site) {
        refuse("arena");
    }

    /** No thread. */
    public static void thread() {
        refuse("thread");
    }

    private static void refuse(String what) {
        if (strike(what) != null) {
            throw new OutOfMemoryError("injected: no " + what);
        }
    }
}
