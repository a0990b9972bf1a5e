package dev.quire.bench.run;

/** An endless stream of page numbers, for one thread. */
@FunctionalInterface
interface KeySource {
    /** The next page to ask for. */
    long next();
}
