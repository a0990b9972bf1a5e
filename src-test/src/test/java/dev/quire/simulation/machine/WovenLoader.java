package dev.quire.simulation.machine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Loads the library once more, woven, and the simulation's own players, who use it. What the
 * machine and the disk are made of is common to both worlds.
 */
public final class WovenLoader extends ClassLoader {
    private static final String WOVEN = "dev.quire.";
    private static final List<String> COMMON =
            List.of("dev.quire.simulation.machine.", "dev.quire.simulation.disk.");

    private final Weaver weaver;

    public WovenLoader(ClassLoader parent) {
        super("woven", parent);
        weaver = new Weaver(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(WOVEN) || COMMON.stream().anyMatch(name::startsWith)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] woven = weaver.weave(in.readAllBytes());
            return defineClass(name, woven, 0, woven.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Initializes all classes of a place but tests, so that no run is the one that does it: what a
     * run does must not depend on those before it.
     *
     * @param beside a class of the place to look at
     * @param inPackage which of the classes there
     */
    public void initialize(Class<?> beside, String inPackage) {
        Set<String> names = new TreeSet<>();
        try {
            Path place =
                    Path.of(beside.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(place)) {
                collect(place, names);
            } else {
                URI jar = URI.create("jar:" + place.toUri());
                try (FileSystem inside = FileSystems.newFileSystem(jar, Map.of())) {
                    collect(inside.getPath("/"), names);
                }
            }
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("not to be looked through: " + beside, e);
        }
        names.removeIf(name -> !name.startsWith(inPackage + ".") || name.contains("Test"));
        for (String name : names) {
            try {
                Class.forName(name, true, this);
            } catch (ClassNotFoundException | LinkageError e) {
                throw new IllegalStateException("not to be woven: " + name, e);
            }
        }
    }

    private static void collect(Path root, Set<String> names) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            files.map(file -> root.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && !file.contains("-info"))
                    .map(file -> file.substring(0, file.length() - 6).replace('/', '.'))
                    .forEach(names::add);
        }
    }
}
