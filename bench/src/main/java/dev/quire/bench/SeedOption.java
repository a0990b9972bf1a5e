package dev.quire.bench;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

/** What the random numbers of a command follow from. */
final class SeedOption {
    @Option(
            names = "--seed",
            paramLabel = "<n>",
            description = "of the random numbers (default: drawn, and printed)")
    private @Nullable Long seed;

    SeedOption() {}

    boolean isGiven() {
        return seed != null;
    }

    /** The one that was given, or another each time. */
    long orDrawn() {
        return seed == null ? System.nanoTime() : seed;
    }
}
