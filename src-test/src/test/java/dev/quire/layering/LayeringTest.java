package dev.quire.layering;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/** Dependencies point one way, and native code stays on its islands. */
class LayeringTest {
    private static final List<String> MODULES =
            List.of(
                    "dev.quire.allocator",
                    "dev.quire.aio",
                    "dev.quire.pagecache",
                    "dev.quire.bench");

    /** The page cache from the bottom to the top; its root package is the top and may use all. */
    private static final List<String> PAGE_CACHE =
            List.of(
                    "backing",
                    "events",
                    "core",
                    "lru",
                    "readahead",
                    "space",
                    "writeback",
                    "direct",
                    "reclaim",
                    "warm",
                    "");

    private static final JavaClasses QUIRE =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.quire");

    private static final ArchRule NO_NATIVE_CODE_OUTSIDE_OS =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            "dev.quire..os..",
                            "dev.quire.bench.jmh..",
                            "dev.quire.bench.alloc..") // malloc
                    .should()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName("java.lang.foreign.Linker")
                    .orShould()
                    .callMethodWhere(
                            describe(
                                    "MemorySegment.reinterpret is called",
                                    LayeringTest::reinterprets))
                    .because(
                            "native code is audited in two places: use VirtualMemory of"
                                    + " dev.quire.allocator.os or Posix of dev.quire.aio.os, or"
                                    + " add to them what is missing");

    private static final ArchRule NO_INTERNALS_OF_THE_JDK =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("sun..", "jdk.internal..")
                    .because(
                            "Quire needs no --add-opens: use MemorySegment and VarHandle instead"
                                    + " of Unsafe");

    private static boolean reinterprets(JavaCall<?> call) {
        return call.getTarget().getOwner().isEquivalentTo(MemorySegment.class)
                && call.getTarget().getName().equals("reinterpret");
    }

    @Test
    void shouldSeeTheClassesOfEveryModule() {
        for (String module : MODULES) {
            assertThat(QUIRE.stream().filter(c -> c.getPackageName().startsWith(module)))
                    .as(module)
                    .hasSizeGreaterThan(5);
        }
        assertThat(QUIRE.stream().map(JavaClass::getName)).doesNotContain(getClass().getName());
    }

    static List<Integer> lowerModules() {
        return IntStream.range(0, MODULES.size() - 1).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("lowerModules")
    void shouldDependOnLowerModulesOnly(int module) {
        noClasses()
                .that()
                .resideInAPackage(MODULES.get(module) + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        MODULES.stream()
                                .skip(module + 1L)
                                .map(name -> name + "..")
                                .toArray(String[]::new))
                .because(
                        "allocator <- aio <- pagecache <- bench: let the lower module declare an"
                                + " interface (as Shrinker is), which the upper one implements")
                .check(QUIRE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"allocator", "aio", "pagecache", "bench"})
    void shouldHaveNoCycleOfPackages(String module) {
        slices().assignedFrom(packagesOf("dev.quire." + module))
                .should()
                .beFreeOfCycles()
                .because("a package can be read, and tested, after those below it")
                .check(QUIRE);
    }

    private static SliceAssignment packagesOf(String module) {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
                String name = javaClass.getPackageName();
                return name.equals(module) || name.startsWith(module + ".")
                        ? SliceIdentifier.of(name)
                        : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "packages of " + module;
            }
        };
    }

    static List<Integer> lowerPackages() {
        return IntStream.range(0, PAGE_CACHE.size() - 1).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("lowerPackages")
    void shouldBuildThePageCacheFromTheBottomUp(int layer) {
        noClasses()
                .that()
                .resideInAPackage(pageCachePackage(layer))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        IntStream.range(layer + 1, PAGE_CACHE.size())
                                .mapToObj(LayeringTest::pageCachePackage)
                                .toArray(String[]::new))
                .because(
                        "backing <- events <- core <- lru <- readahead <- space <- writeback <-"
                            + " direct <- reclaim <- warm <- front: let the lower package declare"
                            + " an interface (as DirtyThrottle is)")
                .check(QUIRE);
    }

    private static String pageCachePackage(int layer) {
        String name = PAGE_CACHE.get(layer);
        return name.isEmpty() ? "dev.quire.pagecache" : "dev.quire.pagecache." + name + "..";
    }

    @Test
    void shouldKeepNativeCodeOnItsIslands() {
        NO_NATIVE_CODE_OUTSIDE_OS.check(QUIRE);
    }

    @Test
    void shouldUseNoInternalsOfTheJdk() {
        NO_INTERNALS_OF_THE_JDK.check(QUIRE);
    }

    /** Breaks the rules, so that it can be seen that they are able to fail. */
    private static final class Canary {
        private Canary() {}

        @SuppressWarnings("restricted") // that is the point
        static MemorySegment reinterpreted() {
            return MemorySegment.NULL.reinterpret(8);
        }
    }

    @Test
    void shouldNoticeWhoBreaksARule() {
        JavaClasses canary = new ClassFileImporter().importClasses(Canary.class);
        assertThatThrownBy(() -> NO_NATIVE_CODE_OUTSIDE_OS.check(canary))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("dev.quire.aio.os")
                .hasMessageContaining("Canary.reinterpreted");
        JavaClasses launcher = new ClassFileImporter().importPackages("org.openjdk.jcstress.vm");
        assertThatThrownBy(() -> NO_INTERNALS_OF_THE_JDK.check(launcher))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("VarHandle");
        assertThat(Canary.reinterpreted().byteSize()).isEqualTo(8);
    }
}
