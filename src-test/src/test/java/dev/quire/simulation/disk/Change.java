package dev.quire.simulation.disk;

/** Something that happened to a file: bytes were put into it, or it was cut or extended. */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record Change(long number, long position, byte[] bytes, long sizeAfter, boolean resize) {
    static Change write(long number, long position, byte[] bytes, long sizeBefore) {
        long size = Math.max(sizeBefore, position + bytes.length);
        return new Change(number, position, bytes, size, false);
    }

    static Change resize(long number, long size) {
        return new Change(number, size, new byte[0], size, true);
    }

    boolean overlaps(Change other) {
        return position < other.position + other.bytes.length
                && other.position < position + bytes.length;
    }
}
