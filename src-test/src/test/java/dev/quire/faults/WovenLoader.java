package dev.quire.faults;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;

/** Loads the library, and the scenes that use it, again and woven. */
final class WovenLoader extends ClassLoader {
    private static final List<String> WOVEN =
            List.of(
                    "dev.quire.allocator.",
                    "dev.quire.aio.",
                    "dev.quire.pagecache.",
                    "dev.quire.faults.scene.");

    static {
        registerAsParallelCapable();
    }

    private final Weaver weaver;

    WovenLoader() {
        super("woven", WovenLoader.class.getClassLoader());
        weaver = new Weaver(getParent());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (WOVEN.stream().noneMatch(name::startsWith)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream file =
                getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] woven = weaver.weave(name, file.readAllBytes());
            return defineClass(name, woven, 0, woven.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    /** What the weaver should have found in the classes so far, and did not. */
    Set<String> missing() {
        return weaver.missing();
    }

    /** A new object of a woven class, by its constructor without parameters. */
    <T> T make(String name, Class<T> type) throws ReflectiveOperationException {
        return type.cast(loadClass(name).getConstructor().newInstance());
    }

    /** As make, with one word. */
    <T> T make(String name, Class<T> type, String word) throws ReflectiveOperationException {
        return type.cast(loadClass(name).getConstructor(String.class).newInstance(word));
    }
}
