package dev.quire.bench.fsx;

import java.util.Arrays;

/** What a file must hold: its bytes and its size. One thread. */
final class Shadow {
    private final byte[] bytes;
    private int size;

    /** Of an empty file that may become so long. */
    Shadow(int capacity) {
        bytes = new byte[capacity];
    }

    private Shadow(byte[] bytes) {
        this.bytes = bytes;
        size = bytes.length;
    }

    /** What it is now, for good. */
    Shadow copy() {
        return new Shadow(Arrays.copyOf(bytes, size));
    }

    int size() {
        return size;
    }

    byte[] content() {
        return Arrays.copyOf(bytes, size);
    }

    void write(int at, byte[] written) {
        System.arraycopy(written, 0, bytes, at, written.length);
        size = written.length == 0 ? size : Math.max(size, at + written.length);
    }

    /** Bytes behind the size are zero always. */
    void truncate(int newSize) {
        if (newSize < size) {
            Arrays.fill(bytes, newSize, size, (byte) 0);
        }
        size = newSize;
    }

    void punchHole(int at, int count) {
        int end = Math.min(size, at + count);
        if (at < end) {
            Arrays.fill(bytes, at, end, (byte) 0);
        }
    }

    /** How many bytes a read gets. */
    int readable(int at, int count) {
        return Math.clamp(size - (long) at, 0, count);
    }

    /**
     * Compares.
     *
     * @return what differs, in words; empty when nothing does
     */
    String difference(int at, byte[] found, int count) {
        if (count == 0) {
            return "";
        }
        int other = Arrays.mismatch(found, 0, count, bytes, at, at + count);
        if (other < 0) {
            return "";
        }
        int place = at + other;
        int wrong = 0;
        for (int i = other; i < count; i++) {
            wrong += found[i] == bytes[at + i] ? 0 : 1;
        }
        return "byte %d must be 0x%02x and is 0x%02x, %d of %d bytes from there on are wrong"
                .formatted(place, bytes[place], found[other], wrong, count - other);
    }
}
