package dev.quire.mutation;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
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

    private MutantProcess() {}

    /**
     * Runs a test class.
     *
     * @param args its name
     */
    public static void main(String[] args) {
        AtomicInteger succeeded = new AtomicInteger();
        TestExecutionListener listener =
                new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        switch (result.getStatus()) {
                            case FAILED -> {
                                System.out.println(FAILURE + test.getDisplayName());
                                result.getThrowable().ifPresent(e -> e.printStackTrace(System.out));
                                halt(FAILED);
                            }
                            case SUCCESSFUL -> succeeded.addAndGet(test.isTest() ? 1 : 0);
                            case ABORTED -> {
                                // skipped
                            }
                        }
                    }
                };
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(DiscoverySelectors.selectClass(args[0]))
                        .build();
        LauncherFactory.create().execute(request, listener);
        halt(succeeded.get() > 0 ? PASSED : NOTHING_RAN);
    }

    /** Neither threads that a mutant leaves hanging nor processes of the test outlive it. */
    private static void halt(int exitCode) {
        System.out.flush();
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        Runtime.getRuntime().halt(exitCode);
    }
}
