package dev.quire.aio;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.support.ChildJvm;
import dev.quire.support.Deprivation;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * A Java process that takes something away from itself, then uses engines, and prints what becomes
 * of it: a line for each step.
 *
 * <pre>
 *   refuse:CALL:ERRNO  limit:RESOURCE:VALUE  files:LEFT                what is taken away
 *   open:ENGINE  file:ENGINE:PATH  write:ENGINE:PATH:BLOCK             what is tried
 *   memory:ENGINE
 * </pre>
 */
final class DeprivedProcess {
    private static final int BLOCK = 4096;

    private DeprivedProcess() {}

    /** Runs the steps in a new process; answers its lines, those of its log among them. */
    static List<String> run(List<String> prefix, String... steps) throws Exception {
        return ChildJvm.run(prefix, List.of(), DeprivedProcess.class, steps);
    }

    public static void main(String[] steps) throws Throwable {
        loadClasses();
        for (String step : steps) {
            String[] word = step.split(":");
            switch (word[0]) {
                case "refuse" ->
                        Deprivation.refuse(Integer.parseInt(word[1]), Integer.parseInt(word[2]));
                case "limit" ->
                        Deprivation.limit(Integer.parseInt(word[1]), Long.parseLong(word[2]));
                case "files" -> leaveFiles(Integer.parseInt(word[1]));
                default -> System.out.println(step + " " + attempt(word));
            }
        }
    }

    private static String attempt(String[] word) {
        try (AsyncIo io = AsyncIo.open(config(Engine.valueOf(word[1])))) {
            return switch (word[0]) {
                case "open" -> "-> " + io.engine();
                case "file" -> {
                    io.open(Path.of(word[2])).close();
                    yield "-> opened";
                }
                case "memory" -> register(io);
                case "write" -> write(io, Path.of(word[2]), Long.parseLong(word[3]));
                default -> throw new IllegalArgumentException("step: " + word[0]);
            };
        } catch (IOException | RuntimeException | InterruptedException e) {
            return "-> " + e.getMessage();
        }
    }

    private static String register(AsyncIo io) {
        AllocatorConfig config = AllocatorConfig.builder().capacityBytes(16 << 20).build();
        try (PageAllocator allocator = PageAllocator.create(config);
                MemoryRegistration memory = io.registerMemory(allocator)) {
            return "-> " + memory.refusal().orElse("registered");
        }
    }

    /** Two blocks by a blocking form and by one that is not. */
    private static String write(AsyncIo io, Path path, long block)
            throws IOException, InterruptedException {
        try (AsyncFile file = io.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                Arena arena = Arena.ofShared()) {
            MemorySegment two = arena.allocate(2 * BLOCK, BLOCK);
            String blocking;
            try {
                blocking = String.valueOf(file.write(two, block * BLOCK));
            } catch (IoException e) {
                blocking = e.errnoName();
            }
            Tally tally = new Tally(1);
            file.write(two, block * BLOCK, tally);
            tally.await();
            String other =
                    tally.failures.isEmpty()
                            ? String.valueOf(tally.bytes.getFirst())
                            : tally.failures.getFirst().errnoName();
            return "-> " + blocking + " and " + other;
        }
    }

    private static AsyncIoConfig config(Engine engine) {
        return AsyncIoConfig.builder().engine(engine).threads(2).build();
    }

    // A class is loaded through a descriptor: who has none left must have all classes.
    private static void loadClasses() throws IOException, ClassNotFoundException {
        for (String root : List.of("target/classes", "target/test-classes")) {
            Path base = Path.of(root);
            try (Stream<Path> files = Files.walk(base.resolve("dev/quire/aio"))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                    String name = base.relativize(file).toString().replace('/', '.');
                    if (!name.contains("-info") && !name.contains("Test")) {
                        Class.forName(name.substring(0, name.length() - ".class".length()));
                    }
                }
            }
        }
        // So does the first line of a log.
        System.getLogger(AsyncIo.class.getName()).log(System.Logger.Level.WARNING, "a first line");
        attempt(new String[] {"open", "AUTO"});
        attempt(new String[] {"open", "CHANNEL"});
    }

    /** Leaves so many descriptors to be opened. */
    private static void leaveFiles(int left) throws Throwable {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            long highest =
                    open.mapToLong(fd -> Long.parseLong(String.valueOf(fd.getFileName())))
                            .max()
                            .orElseThrow();
            Deprivation.limit(Deprivation.LIMIT_OPEN_FILES, highest + 1);
        }
        Deque<FileInputStream> gaps = new ArrayDeque<>(); // kept open to the end of the process
        try {
            for (; ; ) { // ends with the last descriptor
                gaps.add(new FileInputStream("/dev/null"));
            }
        } catch (FileNotFoundException e) {
            for (int i = 0; i < left; i++) {
                gaps.remove().close();
            }
        }
    }
}
