package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

final class EngineLadderTest {
    private final List<String> warnings = new ArrayList<>();

    @Test
    void shouldTakeTheFirstRungWithoutAWordWhenItWorks() {
        assertThat(ladder(Optional.empty()).choose(Engine.AUTO)).isEqualTo(Engine.THREAD_POOL);
        assertThat(warnings).isEmpty();
    }

    @Test
    void shouldStepDownAndSayWhyWhenARungIsRefused() {
        assertThat(ladder(Optional.of("no Linux")).choose(Engine.AUTO)).isEqualTo(Engine.CHANNEL);
        assertThat(warnings)
                .containsExactly("engine THREAD_POOL is refused, the next one is tried: no Linux");
    }

    @Test
    void shouldFailWhenAForcedEngineIsRefused() {
        assertThatThrownBy(() -> ladder(Optional.of("no Linux")).choose(Engine.THREAD_POOL))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("engine does not work here: engine=THREAD_POOL: no Linux");
        assertThat(ladder(Optional.of("no Linux")).choose(Engine.CHANNEL))
                .isEqualTo(Engine.CHANNEL);
        assertThat(warnings).isEmpty();
    }

    private EngineLadder ladder(Optional<String> refusal) {
        return new EngineLadder(
                Map.of(Engine.THREAD_POOL, () -> refusal, Engine.CHANNEL, Optional::empty),
                warnings::add);
    }
}
