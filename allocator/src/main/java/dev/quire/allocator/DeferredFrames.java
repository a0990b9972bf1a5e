package dev.quire.allocator;

import dev.quire.allocator.events.DeferredFreeEvent;
import dev.quire.allocator.frame.DeferredStack;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.LongAdder;

/** Frees frames whose last reference was dropped while they were still on an LRU list (S1). */
final class DeferredFrames {
    private final FrameTable frames;
    private final FrameRelease release;
    private final Pressure pressure;
    private final DeferredStack stack;
    private final LongAdder frees = new LongAdder();
    private volatile @Nullable DeferredHook hook;

    DeferredFrames(FrameTable frames, FrameRelease release, Pressure pressure) {
        this.frames = frames;
        this.release = release;
        this.pressure = pressure;
        stack = new DeferredStack(frames.frameCount());
    }

    void hook(DeferredHook hook) {
        this.hook = hook;
    }

    /** Leaves a frame that just became DEFERRED for a drain. Never blocks. */
    void push(int frame) {
        stack.push(frame);
    }

    /**
     * Frees what waits. Several threads may; nobody waits for another, but what one has taken off
     * the stack nobody else finds.
     *
     * @return how many blocks were freed
     */
    int drain() {
        DeferredHook hook = this.hook;
        if (hook == null || stack.isEmpty()) {
            return 0;
        }
        DeferredFreeEvent event = new DeferredFreeEvent();
        event.begin();
        int freed = 0;
        int kept = 0;
        int frame = stack.takeAll();
        while (frame != DeferredStack.NO_FRAME) {
            int next = stack.unlink(frame);
            if (isDeferred(frame)) {
                if (unlink(hook, frame)) {
                    release.freeFrozen(frame);
                    freed++;
                } else if (isDeferred(frame)) {
                    // Not now. Back on the stack: this drain does not meet it again.
                    stack.push(frame);
                    kept++;
                }
            }
            frame = next;
        }
        frees.add(freed);
        tell(event, freed, kept);
        return freed;
    }

    private static void tell(DeferredFreeEvent event, int freed, int kept) {
        if (freed + kept > 0 && event.shouldCommit()) {
            event.freed = freed;
            event.kept = kept;
            event.commit();
        }
    }

    @SuppressWarnings("CatchThrowable") // The hook is foreign code: the chain must not be lost.
    private boolean unlink(DeferredHook hook, int frame) {
        try {
            return hook.unlink(frame);
        } catch (Throwable e) {
            pressure.failed("deferred hook", e);
            return false;
        }
    }

    private boolean isDeferred(int frame) {
        return FrameState.any(frames.word(frame), FrameState.DEFERRED);
    }

    /** Frames that wait now, counted by a walk that is exact only at quiescence. */
    int count() {
        int count = 0;
        int frame = stack.peek();
        for (int steps = 0;
                frame != DeferredStack.NO_FRAME && steps < frames.frameCount();
                steps++) {
            count += isDeferred(frame) ? FrameRelease.length(frames, frame) : 0;
            frame = stack.peekNext(frame);
        }
        return count;
    }

    /** Blocks freed so far. */
    long frees() {
        return frees.sum();
    }

    long metadataBytes() {
        return (long) DeferredStack.BYTES_PER_FRAME * frames.frameCount();
    }
}
