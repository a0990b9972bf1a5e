package dev.quire.bench.trace;

import java.util.Locale;

/** How a trace is written down. Each may also be packed by gzip. */
public enum TraceFormat {
    /** Whichever of the others it looks like, see {@link FormatGuess}. */
    AUTO,
    /** Little-endian 32-bit page numbers and nothing else. */
    PAGES,
    /** A page number a line, as the traces of the LIRS authors. */
    TEXT,
    /** {@code start count ignored request}, as the traces of the ARC authors. */
    ARC,
    /** {@code ASU,LBA,bytes,opcode,timestamp}, as the traces of the UMass repository. */
    SPC;

    /** As it is typed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
