package dev.quire.allocator;

import dev.quire.allocator.events.BadPageEvent;
import dev.quire.allocator.frame.FrameTable;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Counts misuse, and tells the log and the user's handler about it, up to a rate. */
final class BadPages {
    private static final System.Logger LOG = System.getLogger(PageAllocator.class.getName());

    private final FrameTable frames;
    private final @Nullable DebugModes debug;
    private final Consumer<BadPageReport> handler;
    private final LongAdder count = new LongAdder();
    private final RateLimit limit = new RateLimit();

    /** Bound while this thread is inside the handler. */
    private final ScopedValue<Boolean> handling = ScopedValue.newInstance();

    BadPages(FrameTable frames, @Nullable DebugModes debug, Consumer<BadPageReport> handler) {
        this.frames = frames;
        this.debug = debug;
        this.handler = handler;
    }

    /**
     * Reports a misuse of a frame as it is now. Throws nothing, whatever the handler does.
     *
     * @param rule what was broken
     * @param frame the frame
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

    /**
     * As {@link #report(String, int)}, of a frame as it was before something was done about it.
     * Whoever has to do something does it first: the handler may take its time, and may call the
     * allocator.
     *
     * @param rule what was broken
     * @param frame the frame
     * @param word its word then
     * @param state what was seen then
     * @return the report's text, for an exception
     */
    String report(String rule, int frame, long word, String state) {
        count.increment();
        long suppressed = limit.admit();
        BadPageReport report =
                new BadPageReport(
                        rule,
                        frame,
                        word,
                        state,
                        Thread.currentThread().getName(),
                        debug == null ? "" : debug.history(frame),
                        Math.max(suppressed, 0));
        if (suppressed >= 0) {
            publish(report);
        }
        return report.toString();
    }

    // Log and handler are foreign code, in a place that must not fail: what they throw ends here.
    @SuppressWarnings("CatchThrowable")
    private void publish(BadPageReport report) {
        try {
            LOG.log(System.Logger.Level.ERROR, "bad page: {0}", report);
            tell(report);
            // What the handler itself does wrong is logged, and not handed to it: no recursion.
            if (!handling.isBound()) {
                ScopedValue.where(handling, Boolean.TRUE).run(() -> handler.accept(report));
            }
        } catch (Throwable e) {
            logFailure(e);
        }
    }

    private static void tell(BadPageReport report) {
        BadPageEvent event = new BadPageEvent();
        if (event.shouldCommit()) {
            event.rule = report.rule();
            event.frame = report.frame();
            event.state = report.state();
            event.suppressed = report.suppressed();
            event.commit();
        }
    }

    @SuppressWarnings({"CatchThrowable", "EmptyCatch"}) // As publish; nobody is left to be told.
    private static void logFailure(Throwable e) {
        try {
            LOG.log(System.Logger.Level.WARNING, "the bad page handler threw", e);
        } catch (Throwable ignored) {
            // The log is what failed.
        }
    }

    long count() {
        return count.sum();
    }
}
