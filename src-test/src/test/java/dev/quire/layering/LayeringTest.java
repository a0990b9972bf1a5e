package dev.quire.layering;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/** Seams and habits of the whole project, held by a test. */
class LayeringTest {
    private static final JavaClasses QUIRE =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.quire.allocator", "dev.quire.aio", "dev.quire.pagecache");

    @Test
    void modulesShouldDependInOneDirection() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("allocator")
                .definedBy("dev.quire.allocator..")
                .layer("aio")
                .definedBy("dev.quire.aio..")
                .layer("pagecache")
                .definedBy("dev.quire.pagecache..")
                .whereLayer("pagecache")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("aio")
                .mayOnlyBeAccessedByLayers("pagecache")
                .because("allocator <- aio <- pagecache: hand a callback down instead")
                .check(QUIRE);
    }

    @Test
    void packagesOfThePageCacheShouldDependInOneDirection() {
        String cache = "dev.quire.pagecache";
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("backing")
                .definedBy(cache + ".backing")
                .layer("core")
                .definedBy(cache + ".core")
                .layer("lru")
                .definedBy(cache + ".lru")
                .layer("space")
                .definedBy(cache + ".space")
                .layer("writeback")
                .definedBy(cache + ".writeback")
                .layer("reclaim")
                .definedBy(cache + ".reclaim")
                .layer("root")
                .definedBy(cache)
                .whereLayer("root")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("reclaim")
                .mayOnlyBeAccessedByLayers("root")
                .whereLayer("writeback")
                .mayOnlyBeAccessedByLayers("reclaim", "root")
                .whereLayer("space")
                .mayOnlyBeAccessedByLayers("writeback", "reclaim", "root")
                .whereLayer("lru")
                .mayOnlyBeAccessedByLayers("space", "writeback", "reclaim", "root")
                .because("backing <- core <- lru <- space <- writeback <- reclaim <- root")
                .check(QUIRE);
    }

    private static final ArchRule NATIVE_ON_ONE_ISLAND =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("dev.quire.allocator.os", "dev.quire.aio.os")
                    .should()
                    .dependOnClassesThat()
                    .areAssignableTo(Linker.class)
                    .orShould()
                    .accessTargetWhere(
                            describe("MemorySegment.reinterpret", LayeringTest::reinterprets))
                    .because("native code stays in the two os packages: add a method there");

    private static boolean reinterprets(JavaAccess<?> access) {
        return access.getTarget().getOwner().isEquivalentTo(MemorySegment.class)
                && access.getTarget().getName().equals("reinterpret");
    }

    @Test
    void nativeCodeShouldStayOnTheTwoIslands() {
        NATIVE_ON_ONE_ISLAND.check(QUIRE);
    }

    @Test
    void nobodyShouldTouchUnsafeOrTheJdksInsides() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("sun..", "jdk.internal..")
                .because("a VarHandle or a MemorySegment does it without")
                .check(QUIRE);
    }

    /** The canary: a class that breaks the rule, so that the rule is known to find one. */
    @Test
    void aClassOutsideTheIslandsThatReinterpretsShouldBeFound() {
        JavaClasses canary = new ClassFileImporter().importClasses(Canary.class);
        assertThatThrownBy(() -> NATIVE_ON_ONE_ISLAND.check(canary))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Canary");
    }

    static final class Canary {
        private Canary() {}

        @SuppressWarnings("restricted")
        static MemorySegment grow(MemorySegment segment) {
            return segment.reinterpret(1);
        }
    }
}
