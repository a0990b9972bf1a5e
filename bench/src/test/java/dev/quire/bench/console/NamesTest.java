package dev.quire.bench.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.file.StandardOpenOption;

final class NamesTest {
    @Test
    void shouldReadBackWhatItWritesInAnyCase() {
        assertThat(Names.of(StandardOpenOption.CREATE_NEW)).isEqualTo("create-new");
        for (String name : new String[] {"create-new", "Create_New", "CREATE-NEW"}) {
            assertThat(Names.parse(StandardOpenOption.class, "an option", name))
                    .isEqualTo(StandardOpenOption.CREATE_NEW);
        }
    }

    @Test
    void shouldNameWhatItRefusesAndAllThereAre() {
        assertThatThrownBy(() -> Names.parse(Thread.State.class, "a state", "asleep"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "a state is one of new, runnable, blocked, waiting, timed-waiting,"
                                + " terminated: asleep");
    }
}
