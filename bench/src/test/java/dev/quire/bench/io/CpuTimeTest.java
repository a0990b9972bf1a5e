package dev.quire.bench.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(60)
final class CpuTimeTest {
    private static final long NO_PID = Integer.MAX_VALUE;

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldAgreeWhicheverWayTheTimeOfThisProcessIsAskedFor() throws InterruptedException {
        long pid = ProcessHandle.current().pid();
        double before = CpuTime.ofThisProcess();
        // Other threads count too: this one sleeps while its child computes.
        Thread busy = Thread.ofPlatform().start(() -> computeUntil(before + 100e6));
        busy.join();
        double middle = CpuTime.of(pid);
        double after = CpuTime.ofThisProcess();

        assertThat(middle).isBetween(before + 90e6, after + 10e6);
    }

    @Test
    void shouldNotKnowTheTimeOfAProcessThatIsNotThere() {
        assertThat(CpuTime.of(NO_PID)).isNaN();
    }

    private static void computeUntil(double cpuNanos) {
        while (CpuTime.ofThisProcess() < cpuNanos) {
            Thread.onSpinWait();
        }
    }
}
