package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

final class EngineLadderTest {
    private final List<String> warnings = new ArrayList<>();

    @Test
    void shouldTakeTheFirstRungWithoutAWordWhenItWorks() {
        assertThat(start(ladder(), Engine.AUTO)).isEqualTo(Engine.URING);
        assertThat(warnings).isEmpty();
    }

    @Test
    void shouldStepDownAndSayWhyWhenARungIsRefused() {
        assertThat(start(ladder(Engine.URING), Engine.AUTO)).isEqualTo(Engine.THREAD_POOL);
        assertThat(warnings)
                .containsExactly("engine URING is refused, the next one is tried: no URING");
        warnings.clear();
        assertThat(start(ladder(Engine.URING, Engine.THREAD_POOL), Engine.AUTO))
                .isEqualTo(Engine.CHANNEL);
        assertThat(warnings)
                .containsExactly(
                        "engine URING is refused, the next one is tried: no URING",
                        "engine THREAD_POOL is refused, the next one is tried: no THREAD_POOL");
    }

    @Test
    void shouldStepDownWhenARefusalShowsOnlyAtTheStart() {
        EngineLadder.Starter<Engine> starter =
                engine -> {
                    if (engine == Engine.URING) {
                        throw new EngineRefusedException(new IOException("too deep"));
                    }
                    return engine;
                };
        assertThat(ladder().start(Engine.AUTO, starter)).isEqualTo(Engine.THREAD_POOL);
        assertThat(warnings)
                .containsExactly("engine URING is refused, the next one is tried: too deep");
        assertThatThrownBy(() -> ladder().start(Engine.URING, starter))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("engine does not work here: engine=URING: too deep");
    }

    @Test
    void shouldFailWhenAForcedEngineIsRefused() {
        EngineLadder ladder = ladder(Engine.URING, Engine.THREAD_POOL);
        for (Engine forced : List.of(Engine.URING, Engine.THREAD_POOL)) {
            assertThatThrownBy(() -> start(ladder, forced))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("engine does not work here: engine=" + forced + ": no " + forced);
        }
        assertThat(start(ladder, Engine.CHANNEL)).isEqualTo(Engine.CHANNEL);
        assertThat(warnings).isEmpty();
    }

    private static Engine start(EngineLadder ladder, Engine wanted) {
        return ladder.start(wanted, engine -> engine);
    }

    private EngineLadder ladder(Engine... refused) {
        Map<Engine, Supplier<Optional<String>>> refusals = new EnumMap<>(Engine.class);
        for (Engine engine : refused) {
            refusals.put(engine, () -> Optional.of("no " + engine));
        }
        return new EngineLadder(refusals, warnings::add);
    }
}
