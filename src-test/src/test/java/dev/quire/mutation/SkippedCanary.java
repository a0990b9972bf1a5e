package dev.quire.mutation;

import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Test;

/** Runs nowhere: {@link MutationTest} runs it. */
final class SkippedCanary {
    @Test
    void shouldSayWhy() {
        abort("what it takes is not at hand");
    }
}
