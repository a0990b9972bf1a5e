package dev.quire.bench.suite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which benchmark is which case. */
final class CatalogueTest {
    private static final String PACKAGE = "dev.quire.bench.jmh.";

    private final List<Work> works = Catalogue.of(4);
    private final SortedSet<BenchmarkListEntry> benchmarks =
            BenchmarkList.defaultList()
                    .find(
                            OutputFormatFactory.createFormatInstance(
                                    System.out, VerboseMode.SILENT),
                            List.of(".*"),
                            List.of());

    @Test
    void shouldMapEveryBenchmarkOrSayWhyNot() {
        Set<String> mapped =
                works.stream().map(Work::benchmark).collect(Collectors.toCollection(TreeSet::new));
        Set<String> unmapped = names();
        unmapped.removeAll(mapped);
        unmapped.removeIf(
                name ->
                        Catalogue.LEFT_OUT.containsKey(name)
                                || Catalogue.LEFT_OUT.containsKey(classOf(name)));

        assertThat(unmapped)
                .as("benchmarks that are neither a case nor left out in Catalogue")
                .isEmpty();
    }

    @Test
    void shouldNameOnlyBenchmarksThatThereAre() {
        Set<String> classes = names().stream().map(CatalogueTest::classOf).collect(toTreeSet());

        assertThat(works).extracting(Work::benchmark).isSubsetOf(names());
        assertThat(Catalogue.LEFT_OUT.keySet())
                .allMatch(name -> names().contains(name) || classes.contains(name));
        assertThat(works)
                .noneMatch(
                        work ->
                                Catalogue.LEFT_OUT.containsKey(work.benchmark())
                                        || Catalogue.LEFT_OUT.containsKey(
                                                classOf(work.benchmark())));
    }

    @Test
    void shouldGiveParametersThatTheClassHas() throws ReflectiveOperationException {
        for (Work work : works) {
            Class<?> type = Class.forName(PACKAGE + classOf(work.benchmark()));
            for (Map.Entry<String, String> param : work.params().entrySet()) {
                Class<?> field = type.getDeclaredField(param.getKey()).getType();
                if (field.isEnum()) {
                    assertThat(Arrays.stream(field.getEnumConstants()).map(Object::toString))
                            .as(work.toString())
                            .map(name -> name.replace('-', '_'))
                            .anyMatch(param.getValue()::equalsIgnoreCase);
                }
            }
        }
    }

    @Test
    void shouldMeasureEachCaseOfEachSubjectOnceAndQuireFirst() {
        Set<String> seen = new HashSet<>();
        String row = "";
        for (Work work : works) {
            assertThat(seen.add(work.toString())).as(work.toString()).isTrue();
            String now = work.group() + " " + work.scenario() + " " + work.threads();
            if (!now.equals(row)) {
                assertThat(work.subject()).as(now).isEqualTo(Catalogue.QUIRE);
                row = now;
            }
        }
    }

    @Test
    void shouldMeasureEveryGroupInAQuickRunToo() {
        assertThat(works)
                .filteredOn(work -> !work.full())
                .extracting(Work::group)
                .contains(
                        Group.ALLOCATOR,
                        Group.HIT,
                        Group.PIN,
                        Group.WRITE,
                        Group.SCAN,
                        Group.MISS,
                        Group.MEMORY)
                .doesNotContain(Group.AIO, Group.EVICTION); // those are not measured by JMH
        assertThat(works)
                .filteredOn(work -> work.threads() > 2)
                .isNotEmpty()
                .allMatch(Work::full)
                .allMatch(work -> work.threads() == 4);
    }

    @Test
    void shouldSayWhatIsDoneInEveryCase() {
        assertThat(works)
                .filteredOn(work -> work.kind() != Work.Kind.MEMORY)
                .allSatisfy(
                        work ->
                                assertThat(
                                                Catalogue.describe(
                                                        work.group().toString(), work.scenario()))
                                        .as(work.toString())
                                        .isNotEmpty());
    }

    @Test
    void shouldKnowWhoIsMeasuredInWhichGroup() {
        assertThat(Catalogue.subjects(Set.of(Group.PIN), false))
                .containsExactly("quire", "raw", "caffeine", "heap-zgc", "chm");
        assertThat(Catalogue.subjects(Set.of(Group.AIO), false)).contains("quire", "fio");
        assertThat(Catalogue.subjects(Set.of(Group.EVICTION), true))
                .contains("quire", "lru", "belady")
                .doesNotContain("strict-lru", "raw");
        assertThat(Catalogue.subjects(Set.of(Group.ALLOCATOR), false)).doesNotContain("nothing");
        assertThat(Catalogue.subjects(Set.of(Group.ALLOCATOR), true)).contains("nothing");
    }

    @Test
    void shouldOpenTheJdkToNettyAlone() {
        for (Work work : works) {
            assertThat(String.join(" ", Flags.of(work)).contains("--add-opens"))
                    .as(work.toString())
                    .isEqualTo(work.subject().startsWith("netty-"));
        }
    }

    /** With what is told, any of it can be started by hand. */
    @Test
    void shouldTellEveryFlag() {
        Map<String, String> told = Flags.told(works);
        for (Work work : works) {
            String of =
                    Stream.of("all", work.subject(), work.group().toString())
                            .map(told::get)
                            .filter(Objects::nonNull)
                            .collect(Collectors.joining(" "));
            assertThat(of).as(work.toString()).isEqualTo(String.join(" ", Flags.of(work)));
        }
        assertThat(told).containsKeys("heap-zgc", "netty-pooled", "memory");
    }

    private Set<String> names() {
        return benchmarks.stream()
                .map(entry -> entry.getUsername().substring(PACKAGE.length()))
                .collect(toTreeSet());
    }

    private static Collector<String, ?, Set<String>> toTreeSet() {
        return Collectors.toCollection(TreeSet::new);
    }

    private static String classOf(String benchmark) {
        return benchmark.substring(0, benchmark.indexOf('.'));
    }
}
