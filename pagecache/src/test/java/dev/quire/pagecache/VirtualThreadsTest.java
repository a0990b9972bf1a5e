package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.support.ChildJvm;

import org.junit.jupiter.api.Test;

import java.util.List;

/** Who waits for a page on a virtual thread leaves its carrier to others. */
class VirtualThreadsTest {
    @Test
    void shouldServeAThousandThreadsOnOneCarrier() throws Exception {
        List<String> options =
                List.of(
                        "-Djdk.virtualThreadScheduler.parallelism=1",
                        "-Djdk.virtualThreadScheduler.maxPoolSize=1");
        List<String> lines = ChildJvm.run(List.of(), options, VirtualFaulters.class);
        assertThat(lines).last().isEqualTo("wrong=0");
    }
}
