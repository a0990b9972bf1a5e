package dev.quire.bench.compare;

/** What came of a subject. */
sealed interface Result {
    /**
     * It had its turn.
     *
     * @param outcome of it
     */
    record Done(Outcome outcome) implements Result {}

    /**
     * It cannot have one here.
     *
     * @param reason why, for people
     */
    record Skipped(String reason) implements Result {}

    /**
     * Its turn broke off, which can be a finding: memory that is too short for it, say.
     *
     * @param reason why, for people
     */
    record Failed(String reason) implements Result {}
}
