package dev.quire.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** A Java example of a page of the documentation, compiled as printed. */
public final class DocExample {
    private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    private static final String FRAME =
            """
            import static java.nio.file.StandardOpenOption.*;
            IMPORTS
            import java.lang.foreign.*;
            import java.nio.file.Path;

            public class Example {
                public static void run(java.io.PrintStream out) throws Exception {
            EXAMPLE
                }
            }
            """;

    private final String text;

    private DocExample(String text) {
        this.text = text;
    }

    /** The first of a page, by its path from the top folder. */
    public static DocExample of(String page) {
        return of(page, 1);
    }

    /** Of a page the one with this number, from 1. */
    static DocExample of(String page, int number) {
        try {
            Matcher found = EXAMPLE.matcher(Files.readString(top().resolve(page)));
            for (int i = 1; i <= number; i++) {
                assertThat(found.find()).as("%s has java block %s", page, i).isTrue();
            }
            return new DocExample(found.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String text() {
        return text;
    }

    /** The method that runs it with other words in place of some, printing to its argument. */
    Method compile(Path folder, String imports, String word, String replacement) throws Exception {
        // Only the name of the file and the stream differ: a test leaves nothing behind.
        String body = text.replace(word, replacement).replace("System.out", "out");
        String source = FRAME.replace("IMPORTS", imports).replace("EXAMPLE", body);
        Path file = Files.writeString(folder.resolve("Example.java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of(
                            "-proc:none",
                            "-d",
                            folder.toString(),
                            "-classpath",
                            System.getProperty("java.class.path"));
            boolean compiled =
                    compiler.getTask(
                                    errors,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(file))
                            .call();
            assertThat(compiled).as(errors.toString()).isTrue();
        }
        URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        return loader.loadClass("Example").getMethod("run", PrintStream.class);
    }

    /** What it prints. */
    static String output(Method run) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            run.invoke(null, out);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** The folder of the project. */
    public static Path top() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("README.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
