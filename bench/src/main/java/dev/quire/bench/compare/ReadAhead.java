package dev.quire.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** How much the kernel reads around what is asked for, on the device of a file. */
final class ReadAhead {
    private ReadAhead() {}

    /** Its most, in bytes; nothing where the kernel does not tell. */
    static OptionalLong bytes(Path file) {
        try {
            long device = ((Number) Files.getAttribute(file, "unix:dev")).longValue();
            // As makedev(3) puts them together.
            long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
            long minor = (device & 0xff) | ((device >>> 12) & ~0xffL);
            Path told = Path.of("/sys/class/bdi", major + ":" + minor, "read_ahead_kb");
            return OptionalLong.of(Long.parseLong(Files.readString(told).strip()) << 10);
        } catch (IOException | UnsupportedOperationException e) {
            return OptionalLong.empty();
        }
    }
}
