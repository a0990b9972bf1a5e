package dev.quire.bench.report;

import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;

import javax.xml.parsers.DocumentBuilderFactory;

/** Pages and drawings as a parser sees them: what is not well-formed fails here. */
public final class Xml {
    private Xml() {}

    /** The root element. */
    public static Element parse(String markup) {
        try {
            Document document =
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(new InputSource(new StringReader(markup)));
            return document.getDocumentElement();
        } catch (Exception e) {
            throw new AssertionError("not well-formed: " + e.getMessage() + "\n" + markup, e);
        }
    }

    /** All elements of a name inside another one. */
    public static List<Element> all(Element inside, String name) {
        NodeList nodes = inside.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }

    /** What they say. */
    public static List<String> texts(Element inside, String name) {
        return all(inside, name).stream().map(one -> one.getTextContent().strip()).toList();
    }
}
