package dev.quire.bench.suite;

import java.util.Map;

/**
 * One JMH benchmark with its parameters, and what its result is called.
 *
 * @param group where it belongs
 * @param scenario what is done
 * @param subject by whom
 * @param threads how many threads do it
 * @param benchmark class and method, in the package of benchmarks
 * @param params of the class
 * @param kind what its result is
 * @param full whether only a full run measures it
 */
record Work(
        Group group,
        String scenario,
        String subject,
        int threads,
        String benchmark,
        Map<String, String> params,
        Kind kind,
        boolean full) {
    /** What is measured. */
    enum Kind {
        /** The mean time of an operation. */
        MEAN,
        /** Every operation, or as many as can be timed. */
        SAMPLED,
        /** Counters of the benchmark's own. */
        MEMORY
    }

    /** What goes on, for people. */
    @Override
    public String toString() {
        return group
                + " "
                + scenario
                + ", "
                + subject
                + (threads == 1 ? "" : ", " + threads + " threads");
    }
}
