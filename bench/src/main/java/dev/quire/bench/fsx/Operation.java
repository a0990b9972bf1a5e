package dev.quire.bench.fsx;

import java.util.Locale;
import java.util.SplittableRandom;

/**
 * One step of the exerciser.
 *
 * @param number which of its thread's, from 0
 * @param kind what is done
 * @param offset where it begins in the file; of a resize, hundredths of the cache's memory
 * @param bytes how many, 0..{@link #BYTES_MAX}; 0 where a kind has none
 * @param content what written bytes are made of
 */
record Operation(long number, Kind kind, int offset, int bytes, long content) {
    /** The most bytes of one operation. */
    static final int BYTES_MAX = 1 << 16;

    /** What an operation does, and how often: of {@link #SHARES}. */
    enum Kind {
        READ(230),
        WRITE(230),
        APPEND(60),
        TRUNCATE(60),
        PUNCH_HOLE(40),
        SYNC(25),
        READ_DIRECT(80),
        WRITE_DIRECT(80),
        /** Takes a snapshot, or gives the oldest up. */
        SNAPSHOT(20),
        READ_SNAPSHOT(80),
        /** Drops cached pages. */
        INVALIDATE(40),
        PREFETCH(40),
        /** Puts bytes behind the end, and cuts them off again. */
        POLLUTE(20),
        REOPEN(5),
        /** Of the cache. */
        RESIZE(10);

        private final int share;

        Kind(int share) {
            this.share = share;
        }
    }

    private static final int SHARES = sumOfShares();

    private static int sumOfShares() {
        int sum = 0;
        for (Kind kind : Kind.values()) {
            sum += kind.share;
        }
        return sum;
    }

    static Kind draw(SplittableRandom random) {
        int left = random.nextInt(SHARES);
        for (Kind kind : Kind.values()) {
            left -= kind.share;
            if (left < 0) {
                return kind;
            }
        }
        throw new AssertionError("shares: " + left);
    }

    /** Where it ends in the file. */
    int end() {
        return offset + bytes;
    }

    /** The bytes to be written: none of them zero, so that a lost one shows. */
    byte[] written() {
        byte[] written = new byte[bytes];
        SplittableRandom random = new SplittableRandom(content);
        for (int at = 0; at < bytes; at++) {
            written[at] = (byte) (1 + random.nextInt(255));
        }
        return written;
    }

    @Override
    public String toString() {
        String what = number + " " + kind.name().toLowerCase(Locale.ROOT);
        return switch (kind) {
            case SYNC, SNAPSHOT, REOPEN -> what;
            case TRUNCATE -> what + " to " + offset;
            case POLLUTE -> what + " " + bytes + " bytes behind " + offset;
            case RESIZE -> what + " to " + offset + " %";
            default -> what + " " + bytes + " bytes at " + offset;
        };
    }
}
