package dev.quire.bench.run;

/** An endless stream of page numbers, for one thread. */
@FunctionalInterface
public interface KeySource {
    /**
     * The next page to ask for.
     *
     * @return its number
     */
    long next();
}
