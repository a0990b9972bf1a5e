package dev.quire.allocator;

/**
 * A misuse that was found: what was wrong, and the frame as it was then.
 *
 * @param rule what was broken, for example {@code put of a free frame}
 * @param frame the frame; NO_FRAME when it is about memory under I/O that is no frame
 * @param word the frame's state word, not decoded
 * @param state the frame in words, for example {@code F#1a2f/o3 [refs 2, pins 0, UPTODATE]}
 * @param thread the name of the thread that was caught, which need not be the culprit
 * @param history with tracking, who found it, who allocated the frame and who freed it last, in
 *     lines; empty without
 * @param suppressed reports that were counted but not shown since the one before
 */
public record BadPageReport(
        String rule,
        int frame,
        long word,
        String state,
        String thread,
        String history,
        long suppressed) {
    /**
     * The report: one line, and with tracking the history below it.
     *
     * @return for example {@code put of a free frame: frame=F#1a2f/free [refs 0, pins 0] (thread
     *     main)}
     */
    @Override
    public String toString() {
        String more = suppressed == 0 ? "" : ", " + suppressed + " reports suppressed before";
        String lines = history.isEmpty() ? "" : "\n" + history;
        return rule + ": frame=" + state + " (thread " + thread + more + ")" + lines;
    }
}
