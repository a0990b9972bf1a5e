package dev.quire.simulation.disk;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/** A path of the simulated disk: the root, or a file in it. */
final class SimulatedPath implements Path {
    private final SimulatedFileSystem fileSystem;
    private final String name; // empty: the root
    private final boolean absolute;

    SimulatedPath(SimulatedFileSystem fileSystem, String name, boolean absolute) {
        this.fileSystem = fileSystem;
        this.absolute = absolute;
        this.name = name.replaceFirst("^/+", "");
    }

    String name() {
        return name;
    }

    boolean isRoot() {
        return name.isEmpty();
    }

    @Override
    public FileSystem getFileSystem() {
        return fileSystem;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public @Nullable Path getRoot() {
        return absolute ? new SimulatedPath(fileSystem, "", true) : null;
    }

    @Override
    public @Nullable Path getFileName() {
        return isRoot() ? null : new SimulatedPath(fileSystem, name, false);
    }

    @Override
    public @Nullable Path getParent() {
        return isRoot() ? null : getRoot();
    }

    @Override
    public int getNameCount() {
        return isRoot() ? 0 : 1;
    }

    @Override
    public Path getName(int index) {
        return this;
    }

    @Override
    public Path subpath(int beginIndex, int endIndex) {
        return this;
    }

    @Override
    public boolean startsWith(Path other) {
        return equals(other) || other.equals(getRoot());
    }

    @Override
    public boolean endsWith(Path other) {
        return equals(other);
    }

    @Override
    public Path normalize() {
        return this;
    }

    @Override
    public Path resolve(Path other) {
        return other.toAbsolutePath();
    }

    @Override
    public Path relativize(Path other) {
        return other;
    }

    @Override
    public URI toUri() {
        return URI.create(SimulatedFileSystem.SCHEME + ":/" + name);
    }

    @Override
    public Path toAbsolutePath() {
        return absolute ? this : new SimulatedPath(fileSystem, name, true);
    }

    @Override
    public Path toRealPath(LinkOption... options) {
        return this;
    }

    @Override
    public WatchKey register(
            WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("nobody watches the simulated disk");
    }

    @Override
    public int compareTo(Path other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SimulatedPath path
                && path.fileSystem == fileSystem
                && path.absolute == absolute
                && path.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return absolute ? "/" + name : name;
    }
}
