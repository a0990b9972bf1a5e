package dev.quire.aio.os;

/**
 * A run of memory that is registered with rings in pieces, each in a place of its own.
 *
 * @param firstPlace place of the first piece, the same on every ring
 * @param address first byte
 * @param bytes length in bytes
 * @param pieceShift log2 of the length of a piece; the last one may be shorter
 */
public record MemoryRun(int firstPlace, long address, long bytes, int pieceShift) {
    /**
     * How many places it takes.
     *
     * @return pieces, at least 1
     */
    public int pieces() {
        return (int) ((bytes - 1) >>> pieceShift) + 1;
    }

    long pieceAddress(int piece) {
        return address + ((long) piece << pieceShift);
    }

    long pieceBytes(int piece) {
        return Math.min(1L << pieceShift, bytes - ((long) piece << pieceShift));
    }

    /** Place of the piece that has all of some memory, or -1. */
    int place(long at, long length) {
        long offset = at - address;
        if (offset < 0 || length <= 0 || offset > bytes - length) {
            return -1;
        }
        long piece = offset >>> pieceShift;
        return (offset + length - 1) >>> pieceShift == piece ? firstPlace + (int) piece : -1;
    }
}
