package dev.quire.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.AsyncIoStats;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.AllocatorMXBean;
import dev.quire.allocator.AllocatorStats;
import dev.quire.allocator.BuddyInfo;
import dev.quire.pagecache.CursorHint;
import dev.quire.pagecache.FileStats;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCacheMXBean;
import dev.quire.pagecache.PageCacheStats;
import dev.quire.pagecache.SnapshotLimits;
import dev.quire.pagecache.Threading;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** docs/operations.md has every option, statistic, event and warning, and its code compiles. */
class OperationsGuideTest {
    private static final List<String> MODULES = List.of("allocator", "aio", "pagecache");
    private static final Pattern EVENT = Pattern.compile("@Name\\(\"(\\S+)\"\\)");
    private static final Pattern FIELD = Pattern.compile("(?m)^    public \\w+ (\\w+)(?: =|;)");
    private static final Pattern LOGGER = Pattern.compile("getLogger\\(\\s*(\\w+)\\.class");

    /** A call of a log, and the text that it begins with. */
    private static final Pattern LOGGED =
            Pattern.compile("Level\\.(?:WARNING|ERROR),[^;\"]*\"([^\"]*)\"");

    /** Texts that helper methods log, and refusals of the region. */
    private static final Pattern TOLD =
            Pattern.compile(
                    "(?:warn|warn\\.accept|workers\\.log|refused\\(\\s*config)[(.][^;\"]*\"([^\"]*)\"");

    /** What a text says before it names anything. */
    private static final Pattern FIXED = Pattern.compile("^[^\\w{]*([^:={(]*[\\w.])");

    private final String guide = read(root().resolve("docs/operations.md"));

    private String section(String heading) {
        int start = guide.indexOf("\n" + heading);
        assertThat(start).as(heading).isPositive();
        int level = heading.indexOf(' ');
        Matcher next = Pattern.compile("(?m)^#{2," + level + "} ").matcher(guide);
        return guide.substring(
                start, next.find(start + heading.length()) ? next.start() : guide.length());
    }

    private static void assertNames(String section, List<String> names) {
        assertThat(names).hasSizeGreaterThan(2);
        assertThat(names).allSatisfy(name -> assertThat(section).contains("`" + name + "`"));
    }

    // ---- options

    @Test
    void shouldHaveEveryOptionOfAPageCache() {
        assertNames(section("### Page cache"), options(PageCacheConfig.Builder.class));
    }

    @Test
    void shouldHaveEveryOptionOfTheIo() {
        assertNames(section("### I/O"), options(AsyncIoConfig.Builder.class));
    }

    @Test
    void shouldHaveEveryOptionOfAnAllocator() {
        assertNames(section("### Memory"), options(AllocatorConfig.Builder.class));
    }

    @Test
    void shouldHaveWhatThreadsAndSnapshotsCanBeToldToDo() {
        List<String> names = new ArrayList<>();
        for (RecordComponent component : SnapshotLimits.class.getRecordComponents()) {
            names.add(component.getName());
        }
        for (Method method : Threading.class.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers())
                    && method.getReturnType() == Threading.class) {
                String of = Modifier.isStatic(method.getModifiers()) ? "()" : "";
                names.add(method.getName() + of);
            }
        }
        String section = section("### `Threading`").replace("Threading.own()", "own()");
        assertThat(names).hasSizeGreaterThan(8);
        assertNames(section, names);
    }

    @Test
    void shouldHaveEveryHint() {
        assertNames(
                section("### Files"), Arrays.stream(CursorHint.values()).map(Enum::name).toList());
    }

    private static List<String> options(Class<?> builder) {
        return Arrays.stream(builder.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> method.getReturnType() == builder)
                .map(Method::getName)
                .toList();
    }

    // ---- statistics

    @ParameterizedTest
    @ValueSource(
            classes = {
                PageCacheStats.class,
                FileStats.class,
                AllocatorStats.class,
                AsyncIoStats.class
            })
    void shouldHaveEveryStatistic(Class<?> stats) {
        String section = section("### `" + stats.getSimpleName() + "`");
        List<String> names = new ArrayList<>();
        for (RecordComponent component : stats.getRecordComponents()) {
            names.add(component.getName());
        }
        names.addAll(getters(stats));
        assertNames(section, names);
    }

    @Test
    void shouldHaveWhatBuddyInfoAndTheBeanTell() {
        assertNames(
                section("### `AllocatorStats`"),
                Arrays.stream(BuddyInfo.class.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()))
                        .map(Method::getName)
                        .filter(name -> !"toString".equals(name))
                        .toList());
        String monitoring = section("## Monitoring");
        for (Class<?> bean : List.of(PageCacheMXBean.class, AllocatorMXBean.class)) {
            for (Method method : bean.getDeclaredMethods()) {
                String name = method.getName().replaceFirst("^get", "");
                assertThat(monitoring).contains("`" + name);
            }
        }
        assertThat(monitoring).contains("type=PageCache,", "type=PageAllocator,");
    }

    private static List<String> getters(Class<?> stats) {
        return Arrays.stream(stats.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> method.getParameterCount() == 0)
                .map(Method::getName)
                .filter(name -> !List.of("toString", "hashCode").contains(name))
                .toList();
    }

    // ---- events and warnings

    @Test
    void shouldHaveEveryEventWithItsFields() {
        List<String> found = new ArrayList<>();
        for (Path source : sources()) {
            String text = read(source);
            Matcher event = EVENT.matcher(text);
            if (event.find()) {
                found.add(event.group(1));
                String row = row(section("## Events"), event.group(1));
                Matcher field = FIELD.matcher(text);
                while (field.find()) {
                    assertThat(row).contains("`" + field.group(1) + "`");
                }
            }
        }
        assertThat(found).hasSizeGreaterThanOrEqualTo(9);
    }

    private static String row(String section, String name) {
        return section.lines()
                .filter(line -> line.startsWith("| `" + name + "` "))
                .findFirst()
                .orElseThrow(() -> new AssertionError("not in docs/operations.md: " + name));
    }

    @Test
    void shouldHaveEveryLoggerThatWarns() {
        String section = section("## Warnings");
        int loggers = 0;
        for (Path source : sources()) {
            String text = read(source);
            Matcher logger = LOGGER.matcher(text);
            if (text.contains("Level.WARNING") || text.contains("Level.ERROR")) {
                assertThat(logger.find()).as(source.toString()).isTrue();
                row(section, logger.group(1));
                loggers++;
            }
        }
        assertThat(loggers).isGreaterThan(12);
    }

    @Test
    void shouldHaveTheTextOfEveryWarning() {
        String section = section("## Warnings");
        List<String> missing = new ArrayList<>();
        int texts = 0;
        for (Path source : sources()) {
            for (Pattern pattern : List.of(LOGGED, TOLD)) {
                Matcher call = pattern.matcher(read(source));
                while (call.find()) {
                    Matcher fixed = FIXED.matcher(call.group(1));
                    if (fixed.find()) {
                        texts++;
                        if (!section.contains(fixed.group(1))) {
                            missing.add(source.getFileName() + ": " + fixed.group(1));
                        }
                    }
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(texts).isGreaterThan(20);
    }

    // ---- code

    @Test
    void shouldCompileTheBinderAsPrinted(@TempDir Path folder) throws IOException {
        Matcher code = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(guide);
        assertThat(code.find()).isTrue();
        String source =
                """
                import dev.quire.micrometer.PageCacheMetrics;
                import dev.quire.pagecache.PageCache;
                import io.micrometer.core.instrument.*;

                interface Binder {
                    static void bind(PageCache cache, MeterRegistry registry) {
                        %s
                    }
                }
                """
                        .formatted(code.group(1));
        Path file = Files.writeString(folder.resolve("Binder.java"), source);
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
    }

    // ---- files

    private static List<Path> sources() {
        List<Path> sources = new ArrayList<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(root().resolve(module).resolve("src/main"))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sources;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("README.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
