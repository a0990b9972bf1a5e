package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;

/**
 * What is used of Agrona runs without {@code --add-opens}, though Agrona as a whole asks for it:
 * the other tests use it in this very JVM, which opens nothing.
 */
class NoOpensTest {
    @ParameterizedTest
    @ValueSource(
            classes = {
                Agent.class,
                AgentRunner.class,
                IdleStrategy.class,
                LongArrayList.class,
                PageCache.class
            })
    void shouldRunWithoutAnOpenPackageOfTheJdk(Class<?> user) {
        Module base = Object.class.getModule();
        List<String> opened =
                base.getPackages().stream()
                        .filter(name -> base.isOpen(name, user.getModule()))
                        .toList();
        assertThat(opened).as("packages of java.base open to %s", user.getModule()).isEmpty();
    }

    @Test
    void shouldBeStartedWithoutAddOpens() {
        String[] arguments = ProcessHandle.current().info().arguments().orElse(new String[0]);
        assertThat(Arrays.asList(arguments)).noneMatch(argument -> argument.contains("add-opens"));
    }
}
