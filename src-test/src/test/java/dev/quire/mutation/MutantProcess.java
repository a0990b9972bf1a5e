package dev.quire.mutation;

import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import java.util.concurrent.atomic.AtomicInteger;

/** A JVM of its own that runs one test class, and ends at the first test that fails. */
final class MutantProcess {
    /** Nothing failed, and something ran. */
    static final int PASSED = 10;

    static final int FAILED = 11;

    /** All was skipped, or there is nothing. */
    static final int NOTHING_RAN = 12;

    /** Before the line that names the test that failed. */
    static final String FAILURE = "mutant: failed: ";

    /** Before the line that has JUnit's name of it, which finds it again. */
    static final String FAILURE_ID = "mutant: id: ";

    /** Before the line that says why a test was skipped. */
    static final String SKIPPED = "mutant: skipped: ";

    private MutantProcess() {}

    /**
     * Runs a test class.
     *
     * @param args its name; and JUnit's name of one of its tests, to run nothing else
     */
    public static void main(String[] args) {
        AtomicInteger succeeded = new AtomicInteger();
        TestExecutionListener listener =
                new TestExecutionListener() {
                    @Override
                    public void executionSkipped(TestIdentifier test, String reason) {
                        tellSkipped(test, reason);
                    }

                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        switch (result.getStatus()) {
                            case FAILED -> {
                                System.out.println(FAILURE + name(test));
                                System.out.println(FAILURE_ID + test.getUniqueId());
                                result.getThrowable().ifPresent(e -> e.printStackTrace(System.out));
                                halt(FAILED);
                            }
                            case SUCCESSFUL -> succeeded.addAndGet(test.isTest() ? 1 : 0);
                            case ABORTED ->
                                    tellSkipped(
                                            test,
                                            result.getThrowable()
                                                    .map(Throwable::getMessage)
                                                    .orElse("no reason given"));
                        }
                    }
                };
        DiscoverySelector chosen =
                args.length > 1
                        ? DiscoverySelectors.selectUniqueId(args[1])
                        : DiscoverySelectors.selectClass(args[0]);
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request().selectors(chosen).build();
        LauncherFactory.create().execute(request, listener);
        halt(succeeded.get() > 0 ? PASSED : NOTHING_RAN);
    }

    /** The method; of what is none, such as the class, what JUnit shows of it. */
    private static String name(TestIdentifier test) {
        return test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getMethodName())
                .orElse(test.getDisplayName());
    }

    private static void tellSkipped(TestIdentifier test, String reason) {
        System.out.println(SKIPPED + name(test) + ": " + reason.replace('\n', ' '));
    }

    /** Neither threads that a mutant leaves hanging nor processes of the test outlive it. */
    private static void halt(int exitCode) {
        System.out.flush();
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        Runtime.getRuntime().halt(exitCode);
    }
}
