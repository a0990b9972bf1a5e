package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A cache follows the memory pressure of the system; here a test says what that is. */
class PressureTest extends CacheFixture {
    private static final long ALL_BYTES = 1024L * PAGE_BYTES;

    @TempDir Path root;
    private volatile double percent;
    private volatile boolean broken;

    private double stalledPercent() throws IOException {
        if (broken) {
            throw new IOException("on purpose");
        }
        return percent;
    }

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config.memoryBytes(ALL_BYTES).memoryPressure(this::stalledPercent);
    }

    @Test
    void shouldUseLessWhileTasksWaitForMemory() {
        assertThat(cache.limitBytes()).isEqualTo(ALL_BYTES);
        percent = 50;
        Running.until("a step down", () -> cache.limitBytes() == ALL_BYTES * 7 / 8);
        broken = true;
        Running.until("all again, unknown", () -> cache.limitBytes() == ALL_BYTES);
    }

    @Test
    void shouldNotUseMoreThanItsOwnerSaid() {
        cache.resize(ALL_BYTES / 2);
        percent = 50;
        CacheLimit limit = cache.limit();
        limit.pressure(ALL_BYTES / 4);
        assertThat(cache.limitBytes()).isEqualTo(ALL_BYTES / 4);
        limit.pressure(ALL_BYTES);
        assertThat(cache.limitBytes()).isEqualTo(ALL_BYTES / 2);
        limit.pressure(0);
        assertThat(cache.limitBytes()).isEqualTo(64L * PAGE_BYTES);
    }

    @Test
    void shouldStayAboveWatermarksThatWereSet() throws IOException {
        PageCacheConfig config =
                config().memoryBytes(ALL_BYTES)
                        .region(region -> region.watermarksFrames(16, 300, 600))
                        .build();
        try (PageCache other = PageCache.create(config)) {
            other.limit().pressure(ALL_BYTES * 5 / 8);
            other.limit().pressure(ALL_BYTES / 2);
            assertThat(other.limitBytes()).isEqualTo(ALL_BYTES * 5 / 8);
            other.limit().pressure(ALL_BYTES);
            assertThat(other.limitBytes()).isEqualTo(ALL_BYTES);
        }
    }

    @Test
    void shouldStepDownAndUpAgain() {
        PressureSteps steps = new PressureSteps(1600, 64);
        assertThat(steps.next(0)).isEqualTo(1600);
        assertThat(steps.next(10)).isEqualTo(1400);
        for (int look = 1; look < PressureSteps.SETTLE_LOOKS; look++) {
            assertThat(steps.next(90)).as("the last step has to settle").isEqualTo(1400);
        }
        assertThat(steps.next(90)).isEqualTo(1200);
        for (int look = 0; look < 200; look++) {
            assertThat(steps.next(100)).isGreaterThanOrEqualTo(400);
        }
        assertThat(steps.next(5)).as("at least a quarter").isEqualTo(400);
        for (int look = 1; look < PressureSteps.CALM_LOOKS; look++) {
            assertThat(steps.next(0)).isEqualTo(400);
        }
        assertThat(steps.next(0)).isEqualTo(500);
        assertThat(steps.next(2)).as("neither short nor calm").isEqualTo(500);
        for (int look = 0; look < 20 * PressureSteps.CALM_LOOKS; look++) {
            steps.next(0);
        }
        assertThat(steps.next(0)).isEqualTo(1600);
    }

    // ---- what Linux says

    private Path file(String name, String content) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, content);
    }

    private static final String PSI =
            """
            some avg10=12.34 avg60=1.00 avg300=0.00 total=123
            full avg10=99.00 avg60=0.00 avg300=0.00 total=45
            """;

    @Test
    void shouldReadTheControlGroupsPressure() throws IOException {
        Path psi = file("sys/fs/cgroup/a/b/memory.pressure", PSI);
        file("proc/self/cgroup", "5:cpu:/x\n0::/a/b\n");
        PsiFile found = PsiFile.find(root);
        assertThat(found.path()).isEqualTo(psi);
        assertThat(found.stalledPercent()).isEqualTo(12.34);
    }

    @Test
    void shouldReadTheMachinesPressureOtherwise() throws IOException {
        Path psi = file("proc/pressure/memory", PSI.replace("12.34", "0"));
        assertThat(PsiFile.find(root).path()).isEqualTo(psi);
        file("proc/self/cgroup", "0::/../../outside\n");
        assertThat(PsiFile.find(root).path()).isEqualTo(psi);
        assertThat(PsiFile.find(root).stalledPercent()).isZero();
    }

    @Test
    void shouldSayWhatItCannotRead() throws IOException {
        PsiFile absent = PsiFile.find(root);
        assertThatThrownBy(absent::stalledPercent).hasMessageContaining("proc/pressure/memory");
        file("proc/pressure/memory", "nothing\n");
        assertThatThrownBy(absent::stalledPercent)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("avg10");
    }
}
