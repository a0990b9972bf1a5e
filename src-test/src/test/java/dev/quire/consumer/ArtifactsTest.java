package dev.quire.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.docs.DocExample;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is published is complete, and brings nothing along but what it is for. */
class ArtifactsTest {
    @ParameterizedTest
    @EnumSource
    void shouldBringNothingAlongButWhatItIsFor(Artifact artifact) {
        Stream<Element> all =
                Stream.of(Artifact.parentPom(), artifact.pom())
                        .flatMap(pom -> Artifact.dependencies(pom).stream());
        Set<String> foreign =
                all.filter(ArtifactsTest::isTransitive)
                        .map(ArtifactsTest::nameOf)
                        .filter(name -> !name.startsWith("dev.quire:"))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(artifact.bringsAlong()).containsAll(foreign);
    }

    /** Whether users get it as well. */
    private static boolean isTransitive(Element dependency) {
        return !Set.of("test", "provided", "system").contains(Artifact.text(dependency, "scope"))
                && !Artifact.text(dependency, "optional").equals("true");
    }

    private static String nameOf(Element dependency) {
        return Artifact.text(dependency, "groupId") + ":" + Artifact.text(dependency, "artifactId");
    }

    @ParameterizedTest
    @EnumSource
    void shouldDescribeItselfAsAModule(Artifact artifact) {
        ModuleDescriptor module =
                ModuleFinder.of(artifact.jar("")).findAll().iterator().next().descriptor();
        assertThat(module.isAutomatic()).isFalse();
        assertThat(module.name()).isEqualTo(artifact.moduleName());
        assertThat(module.exports()).isNotEmpty();
        assertThat(module.opens()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveAllItsSourcesBesideIt(Artifact artifact) throws IOException {
        assertThat(entries(artifact.jar("-sources"))).containsAll(sources(artifact));
    }

    private static List<String> sources(Artifact artifact) throws IOException {
        try (Stream<Path> files = Files.walk(artifact.sources())) {
            return files.map(file -> artifact.sources().relativize(file).toString())
                    .filter(name -> name.endsWith(".java"))
                    .toList();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveJavadocOfWhatItExportsBesideIt(Artifact artifact) throws IOException {
        Set<String> pages = entries(artifact.jar("-javadoc"));
        ModuleDescriptor module =
                ModuleFinder.of(artifact.jar("")).findAll().iterator().next().descriptor();
        for (ModuleDescriptor.Exports exported : module.exports()) {
            if (!exported.isQualified()) {
                String folder = module.name() + "/" + exported.source().replace('.', '/');
                assertThat(pages).contains(folder + "/package-summary.html");
            }
        }
    }

    private static Set<String> entries(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(Object::toString).collect(Collectors.toSet());
        }
    }

    /** That project is built and run by Maven, in a repository of its own, later in this build. */
    @Test
    void shouldSayInTheReadmeWhatTheConsumerProjectSays() throws IOException {
        String readme = Files.readString(DocExample.top().resolve("README.md"));
        Matcher printed = Pattern.compile("```xml\n(.*?)```", Pattern.DOTALL).matcher(readme);
        assertThat(printed.find()).isTrue();
        assertThat(DocExample.top().resolve("src-test/consumer/pom.xml"))
                .content()
                .contains(printed.group(1));
    }

    @Test
    void shouldNameEveryArtifactInTheBom() {
        Element bom = Artifact.bom();
        Element managed = Artifact.children(bom, "dependencyManagement").getFirst();
        assertThat(Artifact.dependencies(managed).stream().map(ArtifactsTest::nameOf))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(Artifact.values())
                                .map(artifact -> "dev.quire:" + artifact.artifactId())
                                .toList());
        assertThat(Artifact.dependencies(managed))
                .allMatch(it -> Artifact.text(it, "version").equals(Artifact.version()));
        assertThat(Artifact.text(bom, "version")).isEqualTo(Artifact.version());
        assertThat(Artifact.children(bom, "parent")).as("whose versions users would get").isEmpty();
    }
}
