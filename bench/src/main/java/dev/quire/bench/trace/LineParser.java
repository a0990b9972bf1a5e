package dev.quire.bench.trace;

import java.util.StringTokenizer;

/** The accesses of one line of a trace that is text. */
@FunctionalInterface
interface LineParser {
    /** The most blocks of one request: 512 MiB. What asks for more is no request but damage. */
    int BLOCKS_MAX = 1 << 20;

    /** The block of the formats that name no other, in bytes. */
    int BLOCK_BYTES = 512;

    int SPC_ASU_MAX = (1 << 15) - 1;
    long SPC_LBA_MAX = (1L << 48) - 1;

    /**
     * Adds a line's accesses.
     *
     * @param line without comment and outer blanks, not empty
     * @param trace where they go
     * @throws IllegalArgumentException saying what is wrong with the line
     */
    void parse(String line, TraceBuilder trace);

    /**
     * The parser of a format.
     *
     * @param format one that is text
     */
    static LineParser of(TraceFormat format) {
        return switch (format) {
            case TEXT -> LineParser::parseText;
            case ARC -> LineParser::parseArc;
            case SPC -> LineParser::parseSpc;
            case AUTO, PAGES -> throw new IllegalArgumentException("not text: format=" + format);
        };
    }

    private static void parseText(String line, TraceBuilder trace) {
        // A star marks a phase in the LIRS traces.
        if (!line.equals("*")) {
            trace.add(number("page number", line, Long.MAX_VALUE));
        }
    }

    private static void parseArc(String line, TraceBuilder trace) {
        StringTokenizer fields = new StringTokenizer(line);
        if (fields.countTokens() != 4) {
            throw new IllegalArgumentException(
                    "an ARC line has 4 fields (start count ignored request), here "
                            + fields.countTokens());
        }
        long start = number("start", fields.nextToken(), Long.MAX_VALUE - BLOCKS_MAX);
        trace.addRun(start, (int) number("count", fields.nextToken(), BLOCKS_MAX));
    }

    private static void parseSpc(String line, TraceBuilder trace) {
        String[] fields = line.split(",", -1);
        if (fields.length < 5) {
            throw new IllegalArgumentException(
                    "an SPC line has 5 fields or more (ASU,LBA,bytes,opcode,timestamp), here "
                            + fields.length);
        }
        long unit = number("ASU", fields[0], SPC_ASU_MAX);
        long block = number("LBA", fields[1], SPC_LBA_MAX);
        long bytes = number("size in bytes", fields[2], (long) BLOCKS_MAX * BLOCK_BYTES);
        String opcode = fields[3].strip();
        if (!opcode.equalsIgnoreCase("R") && !opcode.equalsIgnoreCase("W")) {
            throw new IllegalArgumentException(
                    "opcode must be R or W: " + FormatGuess.quoted(opcode));
        }
        // Blocks of different units are different blocks.
        trace.addRun(
                unit * (SPC_LBA_MAX + 1) + block, (int) Math.ceilDiv(bytes, (long) BLOCK_BYTES));
    }

    private static long number(String what, String text, long max) {
        try {
            long number = Long.parseLong(text.strip());
            if (number >= 0 && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                what
                        + " must be a whole number from 0 to "
                        + max
                        + ": "
                        + FormatGuess.quoted(text.strip()));
    }
}
