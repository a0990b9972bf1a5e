package dev.quire.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.docs.DocExample;

import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

/** A module that is published, and what this build has made of it. */
enum Artifact {
    ALLOCATOR("allocator"),
    AIO("aio"),
    PAGECACHE("pagecache"),
    MICROMETER("pagecache/micrometer", "io.micrometer:micrometer-core");

    private final String folder;
    private final String purpose;

    Artifact(String folder) {
        this(folder, "org.agrona:agrona");
    }

    /** One that is there for the sake of another library. */
    Artifact(String folder, String purpose) {
        this.folder = folder;
        this.purpose = purpose;
    }

    private String noun() {
        return folder.substring(folder.lastIndexOf('/') + 1);
    }

    String moduleName() {
        return "dev.quire." + noun();
    }

    String artifactId() {
        return "quire-" + noun();
    }

    /** What it may bring into a user's project that is not Quire. */
    Set<String> bringsAlong() {
        return new HashSet<>(
                List.of("org.agrona:agrona", "org.jctools:jctools-core-jdk11", purpose));
    }

    Path sources() {
        return DocExample.top().resolve(folder).resolve("src/main/java");
    }

    /**
     * The jar, or one that goes with it: "-sources", "-javadoc". Skips the test if nothing is
     * built.
     */
    Path jar(String classifier) {
        Path jar = target("");
        assumeTrue(Files.exists(jar), () -> jar + " is made by mvn verify");
        Path asked = target(classifier);
        assertThat(asked).as("made together with " + jar).exists();
        return asked;
    }

    private Path target(String classifier) {
        String name = artifactId() + "-" + version() + classifier + ".jar";
        return DocExample.top().resolve(folder).resolve("target").resolve(name);
    }

    Element pom() {
        return parse(DocExample.top().resolve(folder).resolve("pom.xml"));
    }

    static Element parentPom() {
        return parse(DocExample.top().resolve("pom.xml"));
    }

    static Element bom() {
        return parse(DocExample.top().resolve("pagecache/bom/pom.xml"));
    }

    static String version() {
        return text(parentPom(), "version");
    }

    // ---- XML

    private static Element parse(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(in)
                    .getDocumentElement();
        } catch (IOException | SAXException | ParserConfigurationException e) {
            throw new AssertionError(file + ": " + e.getMessage(), e);
        }
    }

    /** The children of an element that have a name. */
    static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = parent.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
            Node node = nodes.item(i);
            if (node instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }

    /** The text of a child; empty when there is none. */
    static String text(Element parent, String name) {
        List<Element> found = children(parent, name);
        return found.isEmpty() ? "" : found.getFirst().getTextContent().strip();
    }

    static List<Element> dependencies(Element parent) {
        List<Element> found = new ArrayList<>();
        for (Element list : children(parent, "dependencies")) {
            found.addAll(children(list, "dependency"));
        }
        return found;
    }
}
