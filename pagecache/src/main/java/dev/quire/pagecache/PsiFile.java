package dev.quire.pagecache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file of Linux's pressure stall information: its line {@code some avg10=...}. */
final class PsiFile implements PressureSource {
    private static final Pattern SOME = Pattern.compile("some avg10=(\\d+(?:\\.\\d+)?) .*");

    private final Path path;

    PsiFile(Path path) {
        this.path = path;
    }

    static PsiFile ofThisProcess() {
        return find(Path.of("/"));
    }

    /** The file as a file system has it. */
    static PsiFile find(Path root) {
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[1].isEmpty()) {
                Path group = root.resolve("sys/fs/cgroup" + parts[2]).normalize();
                Path file = group.resolve("memory.pressure");
                if (group.startsWith(root) && Files.isReadable(file)) {
                    return new PsiFile(file);
                }
            }
        }
        return new PsiFile(root.resolve("proc/pressure/memory"));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of(); // another system
        }
    }

    Path path() {
        return path;
    }

    @Override
    public double stalledPercent() throws IOException {
        for (String line : Files.readAllLines(path)) {
            Matcher some = SOME.matcher(line);
            if (some.matches()) {
                return Double.parseDouble(some.group(1));
            }
        }
        throw new IOException("no line with avg10: file=" + path);
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
