package dev.quire.allocator;

import dev.quire.allocator.frame.FrameTable;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Counts misuse, and tells the log and the user's handler about it, up to a rate. */
final class BadPages {
    private static final System.Logger LOG = System.getLogger(PageAllocator.class.getName());

    private final FrameTable frames;
    private final Consumer<BadPageReport> handler;
    private final LongAdder count = new LongAdder();
    private final RateLimit limit = new RateLimit();

    BadPages(FrameTable frames, Consumer<BadPageReport> handler) {
        this.frames = frames;
        this.handler = handler;
    }

    /**
     * Reports a misuse. Throws nothing, whatever the handler does.
     *
     * @param rule what was broken
     * @param frame the frame, before anything is done about it
     * @return the report's text, for an exception
     */
    String report(String rule, int frame) {
        return report(rule, frame, frames.word(frame), frames.describe(frame));
    }

    /**
     * As {@link #report(String, int)}, for memory that is no frame.
     *
     * @param rule what was broken
     * @param memory the memory in words
     */
    void report(String rule, String memory) {
        report(rule, PageAllocator.NO_FRAME, 0, memory);
    }

    private String report(String rule, int frame, long word, String state) {
        count.increment();
        long suppressed = limit.admit();
        BadPageReport report =
                new BadPageReport(
                        rule,
                        frame,
                        word,
                        state,
                        Thread.currentThread().getName(),
                        Math.max(suppressed, 0));
        if (suppressed >= 0) {
            publish(report);
        }
        return report.toString();
    }

    // The handler is the user's code, in a place that must not fail: whatever it throws ends here.
    @SuppressWarnings("CatchThrowable")
    private void publish(BadPageReport report) {
        LOG.log(System.Logger.Level.ERROR, "bad page: {0}", report);
        try {
            handler.accept(report);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "the bad page handler threw", e);
        }
    }

    long count() {
        return count.sum();
    }
}
