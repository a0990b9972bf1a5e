package dev.quire.weave;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassHierarchyResolver;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Loads classes a second time, woven. They are other classes than those of the class path, so that
 * a test starts with one of its own that this loader has loaded, see {@link #make}, and talks to it
 * through an interface that it has not.
 */
public final class WovenLoader extends ClassLoader {
    private final Weaving weaving;
    private final Predicate<String> own;
    private final Predicate<String> woven;
    private final Sites sites = new Sites();
    private final ClassHierarchyResolver resolver;

    static {
        registerAsParallelCapable();
    }

    /**
     * A loader over that of this class.
     *
     * @param weaving what is woven
     * @param own which classes it loads itself, by their binary names
     * @param woven which of them are woven; the others stay as they are
     */
    public WovenLoader(Weaving weaving, Predicate<String> own, Predicate<String> woven) {
        super("woven", WovenLoader.class.getClassLoader());
        this.weaving = weaving;
        this.own = own;
        this.woven = woven;
        resolver =
                ClassHierarchyResolver.ofResourceParsing(WovenLoader.class.getClassLoader())
                        .orElse(ClassHierarchyResolver.defaultResolver())
                        .cached();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!own.test(name)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? findClass(name) : loaded;
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = bytes(name);
        if (woven.test(name)) {
            synchronized (resolver) { // its cache is a plain map
                bytes = weaving.weave(bytes, sites, resolver);
            }
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private byte[] bytes(String name) throws ClassNotFoundException {
        String resource = name.replace('.', '/') + ".class";
        try (InputStream in = getResourceAsStream(resource)) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    /**
     * Makes an object of a class of this loader.
     *
     * @param type what it is to be used as, of no class that this loader loads
     * @param implementation its class on the class path; the one that is made has its name
     * @param <T> what it is to be used as
     * @return made by the constructor without arguments
     */
    public <T> T make(Class<T> type, Class<? extends T> implementation) {
        return make(type, implementation.getName());
    }

    /**
     * As {@link #make(Class, Class)}, of a class that cannot be named here.
     *
     * @param type what it is to be used as
     * @param implementation binary name of its class, which has one constructor
     * @param arguments of that
     * @param <T> what it is to be used as
     * @return made by it
     */
    public <T> T make(Class<T> type, String implementation, Object... arguments) {
        try {
            var constructor = loadClass(implementation).getDeclaredConstructors()[0];
            constructor.setAccessible(true);
            return type.cast(constructor.newInstance(arguments));
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot be made woven: " + implementation, e);
        }
    }

    /**
     * Loads all classes of a module, so that all their sites are known.
     *
     * @param anchor a class of the module, on the class path
     */
    public void loadAllBeside(Class<?> anchor) {
        namesBeside(anchor).forEach(name -> load(name, false));
    }

    /**
     * Initializes classes of a module, so that it does not matter who uses them first.
     *
     * @param anchor a class of the module, on the class path
     * @param which of them, by their binary names
     */
    public void initializeBeside(Class<?> anchor, Predicate<String> which) {
        namesBeside(anchor).stream().filter(which).forEach(name -> load(name, true));
    }

    private void load(String name, boolean initialize) {
        try {
            Class.forName(name, initialize, this);
        } catch (ClassNotFoundException | LinkageError e) {
            throw new IllegalStateException("cannot be woven: " + name, e);
        }
    }

    private List<String> namesBeside(Class<?> anchor) {
        try {
            URI place = anchor.getProtectionDomain().getCodeSource().getLocation().toURI();
            Path path = Path.of(place);
            if (Files.isDirectory(path)) {
                return names(path);
            }
            try (FileSystem jar = FileSystems.newFileSystem(path)) {
                return names(jar.getPath("/"));
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("no place: " + anchor, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> names(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .filter(file -> file.endsWith(".class") && !file.contains("-info"))
                    .map(file -> file.substring(0, file.length() - ".class".length()))
                    .map(file -> file.replace('/', '.'))
                    .filter(own)
                    .sorted()
                    .toList();
        }
    }

    /**
     * Methods that the table names as those in which something comes first, and that were not met
     * in what was loaded so far.
     *
     * @return class and method of each
     */
    public Set<String> missing() {
        Set<String> missing = new HashSet<>(weaving.started());
        missing.removeAll(sites.started());
        return missing;
    }

    /**
     * A place that calls a hook.
     *
     * @param number what the hook was given
     * @return where it is
     */
    public Site site(int number) {
        return sites.site(number);
    }

    /**
     * All places in what was loaded so far that call a hook.
     *
     * @return by number
     */
    public List<Site> sites() {
        return sites.all();
    }
}
