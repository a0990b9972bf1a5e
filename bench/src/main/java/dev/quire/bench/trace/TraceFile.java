package dev.quire.bench.trace;

import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.bench.console.Units;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads one trace from a file. One thread. */
public final class TraceFile {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final String NAME_END = "(?i)\\.(pages|txt|trace|lis|arc|spc|csv)$";

    private final Path path;
    private final TraceBuilder trace = new TraceBuilder();

    /** What is counted, and how many of them are read. */
    private String unit = "byte";

    private long read;

    private TraceFile(Path path) {
        this.path = path;
    }

    /**
     * Reads a trace.
     *
     * @param path of the file; packed by gzip or not, which its first two bytes tell
     * @param format its format
     * @return the trace, called as {@link #nameOf} says, with at least one access
     * @throws InputException naming the file, the line or byte, and what is wrong there
     */
    public static Trace read(Path path, TraceFormat format) {
        return new TraceFile(path).read(format);
    }

    /**
     * What the trace of a file is called.
     *
     * @param path of the file
     * @return the file's name without what only says its format
     */
    public static String nameOf(Path path) {
        Path file = path.getFileName();
        String name = file == null ? path.toString() : file.toString();
        String stem = name.replaceFirst("(?i)\\.gz$", "").replaceFirst(NAME_END, "");
        return stem.isEmpty() ? name : stem;
    }

    private Trace read(TraceFormat format) {
        try (InputStream file = buffered(Files.newInputStream(path));
                InputStream data = isGzip(file) ? buffered(new GZIPInputStream(file)) : file) {
            TraceFormat known = format == TraceFormat.AUTO ? guess(data) : format;
            if (known == TraceFormat.PAGES) {
                readPages(data);
            } else {
                readLines(data, LineParser.of(known));
            }
        } catch (EOFException | ZipException e) {
            throw refused(
                    "the gzip data is damaged after "
                            + read
                            + " "
                            + unit
                            + "s of it: "
                            + Failures.describe(e),
                    e);
        } catch (IOException e) {
            throw new InputException(
                    "a trace cannot be read (" + Failures.describe(e) + "): file=" + path, e);
        } catch (OutOfMemoryError e) { // this much is known of it
            long heapBytes = Runtime.getRuntime().maxMemory();
            throw new InputException(
                    path
                            + ": "
                            + where()
                            + "the trace is too long for a heap of "
                            + Units.bytes(heapBytes)
                            + "; more of it: QUIRE_JAVA_OPTS=-Xmx...",
                    e);
        }
        if (trace.count() == 0) {
            throw refused("holds no access", null);
        }
        return trace.build(nameOf(path));
    }

    private static InputStream buffered(InputStream stream) {
        return new BufferedInputStream(stream, BUFFER_BYTES);
    }

    private boolean isGzip(InputStream file) throws IOException {
        byte[] magic = peek(file, 2);
        boolean packed =
                magic.length == 2
                        && ((magic[0] & 0xff) | (magic[1] & 0xff) << 8)
                                == GZIPInputStream.GZIP_MAGIC;
        if (!packed && path.toString().endsWith(".gz")) {
            throw refused("byte 0: is named .gz but does not begin as gzip does", null);
        }
        return packed;
    }

    private TraceFormat guess(InputStream data) throws IOException {
        try {
            return FormatGuess.of(
                    new String(peek(data, FormatGuess.BYTES), StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw refused(Failures.describe(e), e);
        }
    }

    private static byte[] peek(InputStream stream, int bytes) throws IOException {
        stream.mark(bytes);
        byte[] seen = stream.readNBytes(bytes);
        stream.reset();
        return seen;
    }

    private void readPages(InputStream data) throws IOException {
        byte[] bytes = new byte[BUFFER_BYTES];
        int length = data.readNBytes(bytes, 0, bytes.length);
        while (length > 0) {
            IntBuffer pages =
                    ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
            while (pages.hasRemaining()) {
                int page = pages.get();
                if (page < 0) {
                    throw refused(where() + "page number must not be negative: " + page, null);
                }
                add(page);
                read += Integer.BYTES;
            }
            if (length % Integer.BYTES != 0) {
                throw refused(
                        where()
                                + "the last page number has only "
                                + length % Integer.BYTES
                                + " of 4 bytes",
                        null);
            }
            length = data.readNBytes(bytes, 0, bytes.length);
        }
    }

    private void add(int page) {
        try {
            trace.add(page);
        } catch (IllegalArgumentException e) {
            throw refused(where() + Failures.describe(e), e);
        }
    }

    private void readLines(InputStream data, LineParser parser) throws IOException {
        unit = "line";
        BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(data, StandardCharsets.ISO_8859_1), BUFFER_BYTES);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String content = FormatGuess.content(line);
            if (!content.isEmpty()) {
                try {
                    parser.parse(content, trace);
                } catch (IllegalArgumentException e) {
                    throw refused(where() + Failures.describe(e), e);
                }
            }
            read++;
        }
    }

    /** Lines are counted from 1, bytes from 0. */
    private String where() {
        return unit + " " + (unit.equals("line") ? read + 1 : read) + ": ";
    }

    private InputException refused(String what, @Nullable Exception e) {
        String message = path + ": " + what;
        return e == null ? new InputException(message) : new InputException(message, e);
    }
}
