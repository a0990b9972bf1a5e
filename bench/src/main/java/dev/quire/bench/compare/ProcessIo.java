package dev.quire.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What devices did for this process, as the kernel counts it; see proc_pid_io(5).
 *
 * @param bytesRead fetched from devices
 * @param bytesWritten sent to devices, or made dirty in the kernel's page cache
 */
record ProcessIo(long bytesRead, long bytesWritten) {
    private static final Path COUNTERS = Path.of("/proc/self/io");

    static ProcessIo now() throws IOException {
        long read = 0;
        long written = 0;
        for (String line : Files.readAllLines(COUNTERS)) {
            String[] words = line.split(": ", 2);
            switch (words[0]) {
                case "read_bytes" -> read = Long.parseLong(words[1]);
                case "write_bytes" -> written = Long.parseLong(words[1]);
                default -> {}
            }
        }
        return new ProcessIo(read, written);
    }

    ProcessIo since(ProcessIo before) {
        return new ProcessIo(bytesRead - before.bytesRead, bytesWritten - before.bytesWritten);
    }
}
