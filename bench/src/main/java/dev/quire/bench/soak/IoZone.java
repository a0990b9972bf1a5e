package dev.quire.bench.soak;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.IoCancellation;
import dev.quire.aio.IoCompletion;
import dev.quire.aio.IoException;
import dev.quire.aio.IoOptions;
import dev.quire.aio.WriteDurability;
import dev.quire.allocator.AllocContext;
import dev.quire.allocator.IoMemory;
import dev.quire.allocator.PageAllocator;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A range of the soaked file that one chain of random operations has for itself, and a shadow of
 * what it must hold. The next operation of the chain is made by the completion of the last, or by a
 * thread that takes the zone from the queue.
 */
final class IoZone implements IoCompletion {
    static final int BYTES = 64 << 10;

    private static final int FRAGMENTS_MAX = 4;
    private static final int FRAGMENT_BYTES_MAX = BYTES / FRAGMENTS_MAX;
    private static final int FRAME_BYTES = 4096;
    private static final long WEYL = 0x9e3779b97f4a7c15L;

    private enum Kind {
        READ,
        WRITE,
        SYNC,
        SYNC_DATA
    }

    /** One operation: a range, and the blocks of frames that it is read into or written from. */
    private static final class Operation {
        final Kind kind;
        final int from;
        final int length;
        final IoOptions options;
        final int[] frames;
        final MemorySegment[] fragments;

        // Whether only the request still holds the frames: their writer has let go of them.
        boolean letGo;

        Operation(
                Kind kind,
                int from,
                int length,
                IoOptions options,
                int[] frames,
                MemorySegment[] fragments) {
            this.kind = kind;
            this.from = from;
            this.length = length;
            this.options = options;
            this.frames = frames;
            this.fragments = fragments;
        }

        boolean mayBeGivenUp() {
            return options.cancellation() != null || options.deadlineNanos() > 0;
        }

        @Override
        public String toString() {
            return kind + " from=" + from + ", length=" + length + ", " + options;
        }
    }

    private final IoSoak soak;
    private final AsyncFile file;
    private final PageAllocator allocator;
    private final int number;
    private final MemorySegment shadow;
    private final Random random;
    private final int unit; // of offsets and lengths, in bytes

    private Operation operation;

    // What a write left behind that failed: neither the old bytes nor the new. It is written again
    // before anything else happens.
    private int unknownFrom;
    private int unknownTo;

    IoZone(IoSoak soak, AsyncFile file, PageAllocator allocator, int number, MemorySegment shadow) {
        this.soak = soak;
        this.file = file;
        this.allocator = allocator;
        this.number = number;
        this.shadow = shadow;
        random = new Random(soak.seed() + number);
        unit = file.directAlignment();
        operation = new Operation(Kind.SYNC, 0, 0, IoOptions.NONE, new int[0], NO_FRAGMENTS);
    }

    private static final MemorySegment[] NO_FRAGMENTS = {};

    /** Submits an operation; its completion goes on. */
    void submit() {
        Operation next = null;
        try {
            next = draw();
            operation = next; // not touched after the submit: the completion may be on already
            boolean claims = random.nextBoolean();
            boolean single = next.fragments.length == 1 && random.nextBoolean();
            switch (next.kind) {
                case SYNC -> file.sync(this);
                case SYNC_DATA -> file.syncData(this);
                case READ, WRITE -> {
                    if (claims) {
                        submitClaims(next, single);
                    } else {
                        submitSegments(next, single);
                    }
                }
            }
            soak.offer(next.options.cancellation());
        } catch (Throwable t) {
            if (next != null && isRefusal(t)) {
                refused(next);
                soak.handOn(this);
            } else {
                failed(t);
            }
        }
    }

    /** Does an operation and waits for it; answers when the zone is to be given to somebody. */
    void runBlocking() {
        try {
            Operation next = draw();
            operation = next;
            soak.offer(next.options.cancellation());
            long bytes = -1;
            IoException failure = null;
            try {
                bytes = await(next);
            } catch (IoException e) {
                failure = e;
            } catch (IllegalStateException e) {
                if (!isRefusal(e)) {
                    throw e;
                }
                refused(next);
                soak.handOn(this);
                return;
            }
            over(next, bytes, failure);
        } catch (Throwable t) {
            failed(t);
            return;
        }
        soak.handOn(this);
    }

    @Override
    public void complete(long bytes, @Nullable IoException failure) {
        try {
            over(operation, bytes, failure);
            soak.cancelOne(random);
        } catch (Throwable t) {
            failed(t);
            return;
        }
        if (soak.isOver() || random.nextInt(8) == 0) {
            soak.handOn(this);
        } else {
            submit();
        }
    }

    /** What the file must hold of this zone, but for what a failed write left. */
    void verify(MemorySegment found) {
        int cut = Math.max(unknownFrom, 0);
        mismatch(found.asSlice(0, cut), 0);
        mismatch(found.asSlice(unknownTo), unknownTo);
    }

    long position() {
        return (long) number * BYTES;
    }

    @Override
    public String toString() {
        return "zone " + number + ": " + operation;
    }

    private void submitSegments(Operation next, boolean single) {
        MemorySegment[] fragments = next.fragments;
        long position = position() + next.from;
        if (next.kind == Kind.READ) {
            if (single) {
                file.read(fragments[0], position, next.options, this);
            } else {
                file.read(fragments, 0, fragments.length, position, next.options, this);
            }
        } else if (single) {
            file.write(fragments[0], position, next.options, this);
        } else {
            file.write(fragments, 0, fragments.length, position, next.options, this);
        }
    }

    /** The request holds a pin on each fragment; a writer need not hold the frames any longer. */
    private void submitClaims(Operation next, boolean single) {
        IoMemory[] memory = new IoMemory[next.fragments.length];
        for (int i = 0; i < memory.length; i++) {
            memory[i] = IoMemory.pinned(allocator, next.fragments[i]);
        }
        next.letGo = next.kind == Kind.WRITE;
        try {
            submitClaims(next, memory, single);
        } catch (IllegalStateException e) {
            for (IoMemory each : memory) {
                each.close(); // still the caller's
            }
            throw e;
        }
        if (next.kind == Kind.WRITE) {
            put(next.frames);
        }
    }

    private void submitClaims(Operation next, IoMemory[] memory, boolean single) {
        long position = position() + next.from;
        if (next.kind == Kind.READ) {
            if (single) {
                file.read(memory[0], position, next.options, this);
            } else {
                file.read(memory, 0, memory.length, position, next.options, this);
            }
        } else if (single) {
            file.write(memory[0], position, next.options, this);
        } else {
            file.write(memory, 0, memory.length, position, next.options, this);
        }
    }

    private long await(Operation next) throws IOException {
        MemorySegment[] fragments = next.fragments;
        long position = position() + next.from;
        return switch (next.kind) {
            case SYNC -> {
                file.sync();
                yield 0;
            }
            case SYNC_DATA -> {
                file.syncData();
                yield 0;
            }
            case READ -> file.read(fragments, 0, fragments.length, position, next.options);
            case WRITE -> file.write(fragments, 0, fragments.length, position, next.options);
        };
    }

    // ---- what is done

    private Operation draw() {
        if (unknownTo > unknownFrom) {
            return drawWrite(unknownFrom, split(unknownTo - unknownFrom), IoOptions.NONE);
        }
        int what = random.nextInt(soak.syncsOneIn());
        if (what < 2) {
            Kind kind = what == 0 ? Kind.SYNC : Kind.SYNC_DATA;
            return new Operation(kind, 0, 0, IoOptions.NONE, new int[0], NO_FRAGMENTS);
        }
        int count = random.nextBoolean() ? 1 : 2 + random.nextInt(FRAGMENTS_MAX - 1);
        int[] lengths = new int[count];
        int length = 0;
        for (int i = 0; i < count; i++) {
            lengths[i] = unit * (1 + random.nextInt(FRAGMENT_BYTES_MAX / unit));
            length += lengths[i];
        }
        int from = unit * random.nextInt((BYTES - length) / unit + 1);
        if (random.nextBoolean()) {
            IoOptions options = drawOptions();
            if (random.nextInt(soak.syncsOneIn()) == 0) {
                options =
                        options.durability(
                                random.nextBoolean()
                                        ? WriteDurability.DATA_SYNC
                                        : WriteDurability.WRITE_THEN_SYNC);
            }
            return drawWrite(from, lengths, options);
        }
        int[] frames = allocate(lengths);
        return new Operation(
                Kind.READ, from, length, drawOptions(), frames, fragments(frames, lengths));
    }

    private Operation drawWrite(int from, int[] lengths, IoOptions options) {
        int[] frames = allocate(lengths);
        MemorySegment[] fragments = fragments(frames, lengths);
        int length = 0;
        long value = random.nextLong();
        for (MemorySegment fragment : fragments) {
            long at = 0;
            for (; at + Long.BYTES <= fragment.byteSize(); at += Long.BYTES) {
                fragment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value += WEYL);
            }
            for (; at < fragment.byteSize(); at++) {
                fragment.set(ValueLayout.JAVA_BYTE, at, (byte) (value += WEYL));
            }
            // The memory may be gone when the write is over: the shadow has the bytes before.
            MemorySegment.copy(fragment, 0, shadow, (long) from + length, fragment.byteSize());
            length += (int) fragment.byteSize();
        }
        return new Operation(Kind.WRITE, from, length, options, frames, fragments);
    }

    private IoOptions drawOptions() {
        return switch (random.nextInt(8)) {
            case 0 -> IoOptions.NONE.deadline(Duration.ofNanos(1000L << random.nextInt(14)));
            case 1 -> IoOptions.NONE.cancellation(new IoCancellation());
            default -> IoOptions.NONE;
        };
    }

    private static int[] split(int length) {
        List<Integer> lengths = new ArrayList<>();
        for (int left = length; left > 0; left -= FRAGMENT_BYTES_MAX) {
            lengths.add(Math.min(left, FRAGMENT_BYTES_MAX));
        }
        return lengths.stream().mapToInt(Integer::intValue).toArray();
    }

    private int[] allocate(int[] lengths) {
        int[] frames = new int[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
            int count = (lengths[i] + FRAME_BYTES - 1) / FRAME_BYTES;
            int order = Integer.SIZE - Integer.numberOfLeadingZeros(count - 1);
            frames[i] = allocator.tryAllocate(order, AllocContext.ATOMIC);
            if (frames[i] == PageAllocator.NO_FRAME) {
                throw new AssertionError("frames are lost: " + allocator);
            }
        }
        return frames;
    }

    private MemorySegment[] fragments(int[] frames, int[] lengths) {
        MemorySegment[] fragments = new MemorySegment[frames.length];
        for (int i = 0; i < frames.length; i++) {
            fragments[i] = allocator.segment(frames[i]).asSlice(0, lengths[i]);
        }
        return fragments;
    }

    private void put(int[] frames) {
        for (int frame : frames) {
            allocator.put(frame);
        }
    }

    // ---- what came of it

    private void over(Operation over, long bytes, @Nullable IoException failure) {
        if (failure != null) {
            if (!mayFail(over, failure)) {
                throw new AssertionError("failed", failure);
            }
            soak.countGivenUp();
            cameToNothing(over);
        } else {
            if (bytes != over.length) {
                throw new AssertionError("bytes=" + bytes);
            }
            if (over.kind == Kind.READ) {
                int at = over.from;
                for (MemorySegment fragment : over.fragments) {
                    mismatch(fragment, at);
                    at += (int) fragment.byteSize();
                }
            } else if (over.kind == Kind.WRITE) {
                // No other write was drawn while there was something unknown.
                unknownFrom = 0;
                unknownTo = 0;
            }
        }
        if (!over.letGo) {
            put(over.frames);
        }
        soak.countOperation();
    }

    private boolean mayFail(Operation over, IoException failure) {
        return switch (failure.errnoName()) {
            case "ECANCELED", "ETIMEDOUT" -> over.mayBeGivenUp();
            case "EIO", "ENOSPC", "EAGAIN" -> soak.isFaulty();
            default -> false;
        };
    }

    private boolean isRefusal(Throwable t) {
        return t instanceof IllegalStateException && soak.isFaulty();
    }

    /** Nothing has happened, and no completion will be told. */
    private void refused(Operation next) {
        cameToNothing(next);
        put(next.frames);
        soak.countRefused();
    }

    private void cameToNothing(Operation over) {
        if (over.kind == Kind.WRITE) {
            unknownFrom = over.from;
            unknownTo = over.from + over.length;
        }
    }

    private void mismatch(MemorySegment found, long at) {
        long offset = found.mismatch(shadow.asSlice(at, found.byteSize()));
        if (offset >= 0) {
            throw new AssertionError("another byte than was written: offset=" + (at + offset));
        }
    }

    private void failed(Throwable t) {
        soak.failed(this, t);
    }
}
