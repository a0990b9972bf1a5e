package dev.quire.aio;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A range of a file under one request at a time, which may fail, with a model of what is known of
 * its contents: a block whose write failed is unknown until one succeeds.
 */
final class FaultyStripe implements IoCompletion {
    static final int BLOCK = 4096;
    static final int BLOCKS = 8;

    private final AsyncFile file;
    private final long base;
    private final Random random;
    private final BlockingQueue<FaultyStripe> idle;
    private final MemorySegment memory;
    private final MemorySegment model;
    private final BitSet known = new BitSet(BLOCKS);
    private final AtomicInteger reportsDue = new AtomicInteger();

    private @Nullable IoOperation operation;
    private int from;
    private int count;
    private byte scribble;

    /** What went wrong first; read when the stripe is idle. */
    @Nullable Throwable failure;

    int succeeded;
    int failed;
    int refused;

    FaultyStripe(
            AsyncFile file, Arena arena, int number, long seed, BlockingQueue<FaultyStripe> idle) {
        this.file = file;
        this.idle = idle;
        base = (long) number * BLOCKS * BLOCK;
        random = new Random(seed + number);
        memory = arena.allocate((long) BLOCKS * BLOCK, BLOCK);
        model = arena.allocate((long) BLOCKS * BLOCK);
        scribble();
    }

    /** Submits a random request; its completion, or its refusal, makes the stripe idle again. */
    void next() {
        try {
            checkUntouched();
            from = random.nextInt(BLOCKS);
            count = 1 + random.nextInt(BLOCKS - from);
            operation =
                    switch (random.nextInt(8)) {
                        case 0 -> IoOperation.SYNC_DATA;
                        case 1 -> IoOperation.SYNC;
                        case 2, 3, 4 -> IoOperation.READ;
                        default -> IoOperation.WRITE;
                    };
            if (operation == IoOperation.WRITE) {
                memory.copyFrom(MemorySegment.ofArray(fresh()));
            }
            reportsDue.set(1);
            if (random.nextInt(6) == 0) {
                block(operation);
                return;
            }
            IoCancellation cancellation = new IoCancellation();
            submit(operation, options(cancellation));
            if (random.nextInt(4) == 0) {
                cancellation.cancel();
            }
        } catch (IllegalStateException e) {
            refused(e);
        } catch (RuntimeException | AssertionError e) {
            failure = failure == null ? e : failure;
            idle.add(this);
        }
    }

    @Override
    public void complete(long bytes, @Nullable IoException problem) {
        if (reportsDue.decrementAndGet() != 0) {
            failure = new AssertionError("reported twice: " + operation);
            return;
        }
        try {
            if (problem == null) {
                succeeded++;
                succeeded(bytes);
            } else {
                failed++;
                failed(bytes);
            }
        } catch (AssertionError e) {
            failure = failure == null ? e : failure;
        }
        scribble();
        idle.add(this);
    }

    /** Reads all blocks that are known, when no faults happen any more. */
    void verify() throws IOException {
        checkUntouched();
        for (int block = known.nextSetBit(0); block >= 0; block = known.nextSetBit(block + 1)) {
            MemorySegment read = slice(memory, block, 1);
            int bytes = file.read(read, base + (long) block * BLOCK);
            check(bytes == BLOCK, "short at the end: " + bytes);
            check(read.mismatch(slice(model, block, 1)) == -1, "contents of block " + block);
        }
    }

    /** Mostly none; deadlines and cancellations that may come too late or in time. */
    private IoOptions options(IoCancellation cancellation) {
        return switch (random.nextInt(8)) {
            case 0 -> IoOptions.NONE.deadline(Duration.ofNanos(1 + random.nextInt(200_000)));
            case 1, 2 -> IoOptions.NONE.cancellation(cancellation);
            default -> IoOptions.NONE;
        };
    }

    /** By a blocking form, which reports as a completion would. */
    private void block(IoOperation next) {
        MemorySegment part = slice(memory, from, count);
        long position = base + (long) from * BLOCK;
        long bytes = 0;
        try {
            switch (next) {
                case SYNC -> file.sync();
                case SYNC_DATA -> file.syncData();
                case READ -> bytes = file.read(part, position);
                default -> bytes = file.write(part, position);
            }
        } catch (IoException e) {
            complete(-1, e);
            return;
        }
        complete(bytes, null);
    }

    private void submit(IoOperation next, IoOptions options) {
        MemorySegment part = slice(memory, from, count);
        long position = base + (long) from * BLOCK;
        boolean single = random.nextBoolean();
        MemorySegment[] halves = {
            part.asSlice(0, (long) count / 2 * BLOCK), part.asSlice((long) count / 2 * BLOCK)
        };
        WriteDurability[] promises = WriteDurability.values();
        IoOptions writes = options.durability(promises[random.nextInt(promises.length)]);
        switch (next) {
            case SYNC -> file.sync(this);
            case SYNC_DATA -> file.syncData(this);
            case READ -> {
                if (single) {
                    file.read(part, position, options, this);
                } else {
                    file.read(halves, 0, 2, position, options, this);
                }
            }
            default -> {
                if (single) {
                    file.write(part, position, writes, this);
                } else {
                    file.write(halves, 0, 2, position, writes, this);
                }
            }
        }
    }

    private void refused(IllegalStateException e) {
        check(String.valueOf(e.getMessage()).startsWith("refused as planned"), e.toString());
        check(reportsDue.get() == 1, "refused and reported");
        refused++;
        scribble();
        idle.add(this);
    }

    private void succeeded(long bytes) {
        if (operation == IoOperation.WRITE) {
            check(bytes == (long) count * BLOCK, "a write of a part: " + bytes);
            slice(model, from, count).copyFrom(slice(memory, from, count));
            known.set(from, from + count);
        } else if (operation == IoOperation.READ) {
            // Known blocks lie in the file: a read that ends before one of them was cut short.
            for (int i = from; i < from + count; i++) {
                if (known.get(i)) {
                    check(bytes >= (i + 1L - from) * BLOCK, "a read of a part: " + bytes);
                    boolean same = slice(memory, i, 1).mismatch(slice(model, i, 1)) == -1;
                    check(same, "contents of block " + i);
                }
            }
        } else {
            check(bytes == 0, "a sync moved bytes: " + bytes);
        }
    }

    private void failed(long bytes) {
        check(bytes == -1, "a failure with a count: " + bytes);
        if (operation == IoOperation.WRITE) {
            known.clear(from, from + count);
        }
    }

    private byte[] fresh() {
        byte[] fresh = new byte[BLOCKS * BLOCK];
        random.nextBytes(fresh);
        return fresh;
    }

    // Memory is the caller's again after the completion: nobody may write to it any more.
    private void scribble() {
        scribble++;
        memory.fill(scribble);
    }

    private void checkUntouched() {
        byte[] expected = new byte[BLOCKS * BLOCK];
        Arrays.fill(expected, scribble);
        check(
                memory.mismatch(MemorySegment.ofArray(expected)) == -1,
                "memory was written to after the completion");
    }

    private static MemorySegment slice(MemorySegment whole, int block, int blocks) {
        return whole.asSlice((long) block * BLOCK, (long) blocks * BLOCK);
    }

    private static void check(boolean right, String text) {
        if (!right) {
            throw new AssertionError(text);
        }
    }
}
