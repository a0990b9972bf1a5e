package dev.quire.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/** Runs scenes with plans, and looks at what is left of them. */
final class Trials {
    /** How many of the calls of each kind are let fail. */
    static final int STEPS = Integer.getInteger("faults.steps", 1);

    private static final long THREADS_NANOS_MAX = 20_000_000_000L;
    private static final long COLLECTED_NANOS_MAX = 20_000_000_000L;

    private final Path directory;
    private final Set<Point> struckAt = EnumSet.noneOf(Point.class);
    private final Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    private int scenes;
    private int count;
    private int struck;
    private int told;
    private int two;

    Trials(Path directory) {
        this.directory = directory;
    }

    /**
     * A scene with nothing failing, then with each of its steps failing.
     *
     * @param steps how many of the calls of each kind are let fail, at most
     */
    void allOf(String name, Supplier<Scene> scene, int steps) throws Exception {
        Plan survey = Plan.survey();
        one(name, scene.get(), survey);
        List<String> failures = new ArrayList<>();
        int before = count;
        for (Point point : Point.values()) {
            // Until something fails all goes as in the survey: what is not asked there is not asked
            // first here.
            if (survey.asked(point) > 0) {
                long last =
                        untilNoneFails(
                                survey.asked(point),
                                steps,
                                n -> attempt(name, scene, Plan.once(point, n), failures));
                for (long n = 1; n <= last; n++) {
                    attempt(name, scene, Plan.sticky(point, n), failures);
                }
            }
        }
        scenes++;
        assertThat(failures).as("of %s trials of %s", count - before, name).isEmpty();
        awaitThreads(name);
    }

    /**
     * SQLite's loop: ends with a trial in which nothing failed, but not before the last call of the
     * survey, as runs differ a little. Answers the last call that failed.
     */
    private static long untilNoneFails(long surveyed, int steps, LongFunction<Plan> trial) {
        long last = 0;
        for (long n = 1; n <= steps; n++) {
            boolean struck = trial.apply(n).isDone();
            if (!struck && n > surveyed) {
                break;
            }
            last = struck ? n : last;
        }
        return last;
    }

    /**
     * A scene with the first call of each kind failing, and then the first call of another kind
     * that comes after it: what a failure leads to fails as well.
     */
    void twoOf(String name, Supplier<Scene> scene) throws Exception {
        Plan survey = Plan.survey();
        one(name, scene.get(), survey);
        List<String> failures = new ArrayList<>();
        int before = count;
        for (Point point : Point.values()) {
            if (survey.asked(point) > 0) {
                Plan first = attempt(name, scene, Plan.once(point, 1), failures);
                Set<String> calls = new HashSet<>();
                for (Point next : Point.values()) {
                    if (next != point && first.askedLater(next) > 0 && calls.add(next.call())) {
                        attempt(name, scene, Plan.once(point, 1, next), failures);
                    }
                }
            }
        }
        two += count - before;
        assertThat(failures).as("of %s trials of %s", count - before, name).isEmpty();
        awaitThreads(name);
    }

    private Plan attempt(String name, Supplier<Scene> scene, Plan plan, List<String> failures) {
        try {
            one(name, scene.get(), plan);
        } catch (Exception | Error e) { // an OutOfMemoryError would end all tests
            StringWriter text = new StringWriter();
            e.printStackTrace(new PrintWriter(text));
            failures.add(name + ", " + plan + ": " + text);
        }
        return plan;
    }

    /** A scene with a plan. */
    void one(String name, Scene scene, Plan plan) throws Exception {
        boolean passed = false;
        try {
            run(name, scene, plan);
            passed = true;
        } finally {
            if (!passed) {
                scene.abandon();
                var _ = Resources.left(false);
            }
        }
    }

    private void run(String name, Scene scene, Plan plan) throws Exception {
        count++;
        Resources.usedBy(name + ", " + plan);
        scene.prepare(Files.createDirectory(directory.resolve("trial-" + count)));
        boolean acknowledged = act(scene, plan);
        if (plan.isDone()) {
            struck++;
            struckAt.add(plan.point());
        }
        told += acknowledged ? 0 : 1;
        scene.check(acknowledged);
        scene.actAgain();
        scene.finish();
        assertThat(Resources.left(plan.keepsMemory() || scene.keepsMemory()))
                .as("left by %s, %s", name, plan)
                .isEmpty();
    }

    @SuppressWarnings("CatchThrowable") // whatever it is: it is looked at
    private static boolean act(Scene scene, Plan plan) {
        Injector.arm(plan);
        try {
            scene.act();
            return true;
        } catch (Throwable e) {
            Injector.disarm();
            checkTold(plan, e);
            return false;
        } finally {
            Injector.disarm();
        }
    }

    /** Who is told must learn what it was. */
    private static void checkTold(Plan plan, Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        if (failure instanceof AssertionError || !plan.isNamedBy(text.toString())) {
            throw new AssertionError("not what failed: " + plan, failure);
        }
    }

    /** What nobody can reach any more is unmapped. */
    void awaitCollected() throws InterruptedException {
        long start = System.nanoTime();
        while (!Resources.uncollected().isEmpty()) {
            assertThat(System.nanoTime() - start)
                    .as("reachable still: %s", Resources.uncollected())
                    .isLessThan(COLLECTED_NANOS_MAX);
            System.gc();
            Thread.sleep(10);
        }
    }

    private void awaitThreads(String name) throws InterruptedException {
        long start = System.nanoTime();
        Set<Thread> more = more();
        while (!more.isEmpty()) {
            assertThat(System.nanoTime() - start)
                    .as("threads left by %s: %s", name, more)
                    .isLessThan(THREADS_NANOS_MAX);
            Thread.sleep(10);
            more = more();
        }
    }

    private Set<Thread> more() {
        Set<Thread> more = new HashSet<>(Thread.getAllStackTraces().keySet());
        more.removeAll(threads);
        more.removeIf(thread -> !thread.getName().startsWith("quire"));
        return more;
    }

    /** How many scenes were tried with each of their steps failing. */
    int scenes() {
        return scenes;
    }

    /** The points at which something failed, in any scene. */
    Set<Point> struckAt() {
        return struckAt;
    }

    @Override
    public String toString() {
        return "trials=%d, of them nothing failed in %d, two failures in %d, told=%d"
                .formatted(count, count - struck, two, told);
    }
}
