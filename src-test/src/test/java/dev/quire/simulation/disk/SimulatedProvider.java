package dev.quire.simulation.disk;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.Set;

/** What {@code java.nio.file.Files} and file channels ask of the simulated disk. */
final class SimulatedProvider extends FileSystemProvider {
    static final FileStore STORE = new SimulatedStore();

    private final SimulatedDisk disk;

    SimulatedProvider(SimulatedDisk disk) {
        this.disk = disk;
    }

    private static SimulatedPath ours(Path path) {
        return (SimulatedPath) path;
    }

    @Override
    public FileChannel newFileChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        if (ours(path).isRoot()) {
            return new SimulatedChannel(new DiskFile(disk, "", new Image(), true));
        }
        disk.begin(Weather.Kind.OPEN);
        DiskFile file =
                disk.open(
                        ours(path).name(),
                        options.contains(StandardOpenOption.CREATE),
                        options.contains(StandardOpenOption.CREATE_NEW));
        if (options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
            file.resize(0);
        }
        disk.end(Weather.Kind.OPEN, file.name(), 0, 0);
        return new SimulatedChannel(file);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
        disk.delete(ours(path).name());
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        find(path);
    }

    private @Nullable DiskFile find(Path path) throws IOException {
        if (ours(path).isRoot()) {
            return null;
        }
        DiskFile file = disk.find(ours(path).name());
        if (file == null) {
            throw new NoSuchFileException(path.toString());
        }
        return file;
    }

    @Override
    public FileStore getFileStore(Path path) {
        return STORE;
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
            Path path, Class<A> type, LinkOption... options) throws IOException {
        return type.cast(new Attributes(find(path)));
    }

    @Override
    public boolean isSameFile(Path path, Path path2) {
        return path.equals(path2);
    }

    @Override
    public boolean isHidden(Path path) {
        return false;
    }

    @Override
    public String getScheme() {
        return SimulatedFileSystem.SCHEME;
    }

    private record Attributes(@Nullable DiskFile file) implements BasicFileAttributes {
        private static final FileTime EPOCH = FileTime.fromMillis(0);

        @Override
        public FileTime lastModifiedTime() {
            return EPOCH;
        }

        @Override
        public FileTime lastAccessTime() {
            return EPOCH;
        }

        @Override
        public FileTime creationTime() {
            return EPOCH;
        }

        @Override
        public boolean isRegularFile() {
            return file != null;
        }

        @Override
        public boolean isDirectory() {
            return file == null;
        }

        @Override
        public boolean isSymbolicLink() {
            return false;
        }

        @Override
        public boolean isOther() {
            return false;
        }

        @Override
        public long size() {
            return file == null ? 0 : file.size();
        }

        @Override
        public @Nullable Object fileKey() {
            return file == null ? null : file.name();
        }
    }

    private static final class SimulatedStore extends FileStore {
        @Override
        public long getBlockSize() {
            return SimulatedDisk.SECTOR_BYTES;
        }

        @Override
        public String name() {
            return SimulatedFileSystem.SCHEME;
        }

        @Override
        public String type() {
            return SimulatedFileSystem.SCHEME;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public long getTotalSpace() {
            return Long.MAX_VALUE;
        }

        @Override
        public long getUsableSpace() {
            return Long.MAX_VALUE;
        }

        @Override
        public long getUnallocatedSpace() {
            return Long.MAX_VALUE;
        }

        @Override
        public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
            return false;
        }

        @Override
        public boolean supportsFileAttributeView(String name) {
            return name.equals("basic");
        }

        @Override
        public <V extends FileStoreAttributeView> @Nullable V getFileStoreAttributeView(
                Class<V> type) {
            return null;
        }

        @Override
        public Object getAttribute(String attribute) {
            throw unused();
        }
    }

    // ---- what nobody asks for

    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("the simulated disk cannot do that");
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw unused();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        throw unused();
    }

    @Override
    public Path getPath(URI uri) {
        throw unused();
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
            Path path, DirectoryStream.Filter<? super Path> filter) {
        throw unused();
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) {
        throw unused();
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
        throw unused();
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) {
        throw unused();
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return null;
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) {
        throw unused();
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw unused();
    }
}
