package dev.quire.allocator;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the system says about this process and its memory. */
final class ProcSelf {
    private static final long FRAME_NUMBER_MASK = (1L << 55) - 1;

    private ProcSelf() {}

    /** A line of /proc/self/status, for example VmLck. */
    static long statusBytes(String name) throws IOException {
        return kib(Files.readAllLines(Path.of("/proc/self/status")), name);
    }

    /** A line of the mapping that holds an address, for example AnonHugePages. */
    static long mappingBytes(long address, String name) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
        for (int i = 0; i < lines.size(); i++) {
            String[] range = lines.get(i).split("[- ]", 3);
            if (range.length == 3
                    && range[0].matches("[0-9a-f]+")
                    && Long.parseUnsignedLong(range[0], 16) <= address
                    && address < Long.parseUnsignedLong(range[1], 16)) {
                return kib(lines.subList(i + 1, lines.size()), name);
            }
        }
        throw new AssertionError("no mapping at " + Long.toHexString(address));
    }

    /** The physical page behind an address; 0 when there is none, or it is hidden from us. */
    static long physicalPage(long address) throws IOException {
        try (RandomAccessFile pages = new RandomAccessFile("/proc/self/pagemap", "r")) {
            pages.seek(address / 4096 * Long.BYTES);
            byte[] entry = new byte[Long.BYTES];
            pages.readFully(entry);
            return ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN).getLong()
                    & FRAME_NUMBER_MASK;
        }
    }

    private static long kib(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name + ":"))
                .findFirst()
                .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .orElseThrow(() -> new AssertionError("no line " + name));
    }
}
