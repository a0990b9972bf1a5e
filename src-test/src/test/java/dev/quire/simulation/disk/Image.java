package dev.quire.simulation.disk;

import java.util.Arrays;

/** What a file holds: bytes, as many as its size says. Grows as needed. */
public final class Image {
    private byte[] bytes;
    private long size;

    Image() {
        this(new byte[0]);
    }

    Image(byte[] bytes) {
        this.bytes = bytes;
        size = bytes.length;
    }

    public static Image of(byte[] bytes) {
        return new Image(bytes.clone());
    }

    Image copy() {
        return new Image(toBytes());
    }

    public long size() {
        return size;
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, (int) size);
    }

    /** Bytes of a range, zeros behind the end. */
    public byte[] range(long from, int count) {
        byte[] found = new byte[count];
        int inside = Math.clamp(size - from, 0, count);
        if (inside > 0) {
            System.arraycopy(bytes, (int) from, found, 0, inside);
        }
        return found;
    }

    /** Stores bytes without making the file longer: what lies behind its end is not seen. */
    void put(long position, byte[] from, int offset, int count) {
        int end = Math.toIntExact(position + count);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
        }
        System.arraycopy(from, offset, bytes, (int) position, count);
    }

    /** Sets the size; what is cut off is zero when the file grows again. */
    void resize(long newSize) {
        if (newSize < bytes.length) {
            Arrays.fill(bytes, (int) newSize, bytes.length, (byte) 0);
        } else {
            bytes = Arrays.copyOf(bytes, Math.toIntExact(newSize));
        }
        size = newSize;
    }

    /** Makes the file longer, and shows what has been stored there. */
    void reach(long newSize) {
        if (newSize > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.toIntExact(newSize));
        }
        size = Math.max(size, newSize);
    }

    void apply(Change change) {
        if (change.resize()) {
            resize(change.sizeAfter());
        } else {
            put(change.position(), change.bytes(), 0, change.bytes().length);
            reach(change.position() + change.bytes().length);
        }
    }
}
