package dev.quire.bench.fsx;

import java.util.SplittableRandom;

/**
 * Draws a thread's operations. Each depends on the seed, the thread, its number and the size of the
 * file before it, on nothing else: so a run can be taken up at any of them.
 */
final class OperationSource {
    /** What positions and lengths of direct transfers are multiples of, on every machine. */
    static final int DIRECT_BYTES = 4096;

    private static final long STEP = 0x9e37_79b9_7f4a_7c15L;

    private final long seed;
    private final int fileBytes;

    OperationSource(long seed, int thread, int fileBytes) {
        this.seed = seed + thread * STEP;
        this.fileBytes = fileBytes;
    }

    /** The operation of a number, the file having so many bytes before it. */
    Operation operation(long number, int size) {
        SplittableRandom random = new SplittableRandom(seed ^ number * STEP * 31);
        Operation.Kind kind = Operation.draw(random);
        int offset =
                switch (kind) {
                    case READ, READ_SNAPSHOT, PREFETCH, INVALIDATE -> at(random, size);
                    case READ_DIRECT -> aligned(at(random, size));
                    case WRITE, PUNCH_HOLE -> at(random, Math.min(fileBytes, size + size / 4));
                    case WRITE_DIRECT -> aligned(at(random, Math.min(fileBytes, size + size / 4)));
                    case TRUNCATE -> cut(random, size);
                    case APPEND, POLLUTE -> size;
                    case RESIZE -> 50 + random.nextInt(51);
                    case SYNC, SNAPSHOT, REOPEN -> 0;
                };
        int bytes =
                switch (kind) {
                    case READ_DIRECT, WRITE_DIRECT -> directLength(random, offset);
                    case TRUNCATE, RESIZE, SYNC, SNAPSHOT, REOPEN -> 0;
                    default -> length(random, fileBytes - offset);
                };
        return new Operation(number, kind, offset, bytes, random.nextLong());
    }

    /** Any place, edges of pages and the end rather more often. */
    private int at(SplittableRandom random, int limit) {
        int at = limit <= 0 ? 0 : random.nextInt(limit + 1);
        return switch (random.nextInt(8)) {
            case 0 -> aligned(at);
            case 1 -> Math.max(0, aligned(at) - 1);
            case 2 -> Math.max(0, limit - random.nextInt(4));
            default -> at;
        };
    }

    private static int length(SplittableRandom random, int most) {
        int limit = Math.min(most, Operation.BYTES_MAX);
        if (limit <= 0) {
            return 0;
        }
        // As many short ones as long ones.
        int bits = 1 + random.nextInt(Integer.SIZE - Integer.numberOfLeadingZeros(limit));
        return 1 + random.nextInt(Math.min(limit, 1 << bits));
    }

    private int directLength(SplittableRandom random, int offset) {
        int most = Math.min(aligned(fileBytes) - offset, Operation.BYTES_MAX);
        return Math.min(most, aligned(length(random, most)) + DIRECT_BYTES);
    }

    private int cut(SplittableRandom random, int size) {
        int limit = random.nextInt(4) == 0 ? fileBytes : size;
        int at = random.nextInt(limit + 1);
        return random.nextInt(4) == 0 ? aligned(at) : at;
    }

    private static int aligned(int bytes) {
        return bytes & -DIRECT_BYTES;
    }
}
