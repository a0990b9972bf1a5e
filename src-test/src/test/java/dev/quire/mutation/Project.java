package dev.quire.mutation;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's sources and built classes, found from the folder that a test runs in. */
final class Project {
    private static final List<String> MODULES =
            List.of("allocator", "aio", "pagecache", "bench", "src-test");

    /** What is made of the first three knows nothing of the others. */
    private static final int LIBRARY_MODULES = 3;

    private static final Pattern EXTENDS =
            Pattern.compile("^(?:[a-z]+ )*class \\w+ extends (\\w+)", Pattern.MULTILINE);

    private final Path root = findRoot();
    private final Map<String, List<Path>> tests = new TreeMap<>();

    Project() throws IOException {
        for (String module : MODULES) {
            for (Path source : sources(module, "test")) {
                String name = source.getFileName().toString();
                tests.computeIfAbsent(
                                name.substring(0, name.length() - ".java".length()),
                                _ -> new ArrayList<>())
                        .add(source);
            }
        }
    }

    private static Path findRoot() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null) {
            if (Files.exists(folder.resolve("README.md"))) {
                return folder;
            }
            folder = folder.getParent();
        }
        throw new AssertionError("not in the project: no README.md");
    }

    Path root() {
        return root;
    }

    /** The source of the test class that is to notice a mutation: of its module, if it has one. */
    Optional<Path> test(Mutation mutation) {
        List<Path> named = tests.getOrDefault(mutation.test(), List.of());
        return named.stream()
                .filter(source -> moduleOf(source).endsWith(mutation.module()))
                .findFirst()
                .or(() -> named.stream().findFirst());
    }

    /** Whether the test of a mutation, or what it extends, has a test of that name. */
    boolean hasMethod(Mutation mutation, String name) throws IOException {
        Optional<Path> source = test(mutation);
        while (source.isPresent()) { // ends: no class extends itself
            String text = Files.readString(source.get());
            if (text.contains("void " + name + "(")) {
                return true;
            }
            Matcher parent = EXTENDS.matcher(text);
            source =
                    parent.find()
                            ? tests.getOrDefault(parent.group(1), List.of()).stream().findFirst()
                            : Optional.empty();
        }
        return false;
    }

    /** The name that the class of a test's source is loaded by. */
    String className(Path test) {
        Path folder = moduleOf(test).resolve("src/test/java");
        String relative = folder.relativize(test).toString().replace('/', '.');
        return relative.substring(0, relative.length() - ".java".length());
    }

    /** The folder of the module that a source is in: where its tests expect to run. */
    Path moduleOf(Path source) {
        return root.resolve(root.relativize(source).getName(0));
    }

    /**
     * The source that a mutation changes, and all that name its class: they may hold copies of its
     * constants.
     */
    List<Path> affected(Mutation mutation) throws IOException {
        Pattern name = Pattern.compile("\\b" + Pattern.quote(mutation.className()) + "\\b");
        List<Path> affected = new ArrayList<>();
        int from = MODULES.indexOf(mutation.module());
        for (String module : MODULES.subList(from, Math.max(LIBRARY_MODULES, from + 1))) {
            for (Path source : sources(module, "main")) {
                boolean named =
                        !source.endsWith("module-info.java")
                                && !source.endsWith("package-info.java")
                                && name.matcher(Files.readString(source)).find();
                if (named) {
                    affected.add(source);
                }
            }
        }
        return affected;
    }

    /** What the tests of all modules run with; classes themselves before the jars made of them. */
    String classPath() {
        Stream<String> built =
                MODULES.stream()
                        .flatMap(
                                module ->
                                        Stream.of("target/test-classes", "target/classes")
                                                .map(
                                                        folder ->
                                                                root.resolve(module)
                                                                        .resolve(folder)
                                                                        .toString()));
        return String.join(
                File.pathSeparator,
                Stream.concat(built, Stream.of(System.getProperty("java.class.path"))).toList());
    }

    private List<Path> sources(String module, String kind) throws IOException {
        Path folder = root.resolve(module).resolve("src").resolve(kind).resolve("java");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
