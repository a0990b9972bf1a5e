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
import java.util.function.Supplier;

/** Runs scenes with plans, and looks at what is left of them. */
final class Trials {
    /** How many of the calls of each kind are let fail. */
    static final int STEPS = Integer.getInteger("faults.steps", 1);

    private static final long THREADS_NANOS_MAX = 20_000_000_000L;

    private final Path directory;
    private final Set<Point> struckAt = EnumSet.noneOf(Point.class);
    private final Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    private int scenes;
    private int count;
    private int struck;
    private int told;

    Trials(Path directory) {
        this.directory = directory;
    }

    /** A scene with nothing failing, then with each of its steps failing. */
    void allOf(String name, Supplier<Scene> scene) throws Exception {
        Plan survey = Plan.survey();
        one(name, scene.get(), survey);
        List<String> failures = new ArrayList<>();
        int before = count;
        for (Point point : Point.values()) {
            long steps = survey.asked(point).get();
            for (long n = 1; n <= Math.min(steps, STEPS); n++) {
                attempt(name, scene.get(), Plan.once(point, n), failures);
                attempt(name, scene.get(), Plan.sticky(point, n), failures);
            }
        }
        scenes++;
        assertThat(failures).as("of %s trials of %s", count - before, name).isEmpty();
        awaitThreads(name);
    }

    private void attempt(String name, Scene scene, Plan plan, List<String> failures) {
        try {
            one(name, scene, plan);
        } catch (Exception | AssertionError e) {
            StringWriter text = new StringWriter();
            e.printStackTrace(new PrintWriter(text));
            failures.add(name + ", " + plan + ": " + text);
        }
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
                var _ = Resources.left();
            }
        }
    }

    private void run(String name, Scene scene, Plan plan) throws Exception {
        count++;
        scene.prepare(Files.createDirectory(directory.resolve("trial-" + count)));
        boolean acknowledged = act(scene, plan);
        if (plan.struck() > 0) {
            struck++;
            struckAt.add(plan.point());
        }
        told += acknowledged ? 0 : 1;
        scene.check(acknowledged);
        scene.actAgain();
        scene.finish();
        assertThat(Resources.left()).as("left by %s, %s", name, plan).isEmpty();
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
        if (failure instanceof AssertionError || !plan.point().isNamedBy(text.toString())) {
            throw new AssertionError("not what failed: " + plan, failure);
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
        return "trials=" + count + ", struck=" + struck + ", told=" + told;
    }
}
