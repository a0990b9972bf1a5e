package dev.quire.simulation.disk;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files that outlive a crash as far as they were synced. After {@link #crash} every request fails;
 * {@link #found} is the disk after the power is back.
 */
public final class SimulatedDisk {
    /** What is written as a whole or not at all. */
    public static final int SECTOR_BYTES = 512;

    private static final long STATES_MAX = 1 << 20;

    private final Weather weather;
    private final Treachery treachery;
    private final Random random; // of the treachery
    private final Map<String, DiskFile> files = new TreeMap<>(); // under this
    private final SimulatedFileSystem fileSystem = new SimulatedFileSystem(this);
    private volatile Runnable onChange = () -> {};
    private final AtomicLong changesMade = new AtomicLong();
    private final AtomicLong requestsBegun = new AtomicLong();
    private final AtomicLong latestInEffect = new AtomicLong(-1);
    private long lastPosition;
    private volatile boolean dead;

    public SimulatedDisk(Weather weather, Treachery treachery, long seed) {
        this.weather = weather;
        this.treachery = treachery;
        random = new Random(seed);
    }

    /** A path of a file on this disk. */
    public Path path(String name) {
        return fileSystem.getPath("/" + name);
    }

    Weather weather() {
        return weather;
    }

    Treachery treachery() {
        return treachery;
    }

    // ---- files

    synchronized DiskFile open(String name, boolean create, boolean createNew) throws IOException {
        DiskFile file = files.get(name);
        if (file != null && createNew) {
            throw new java.nio.file.FileAlreadyExistsException(name);
        }
        if (file == null) {
            if (!create && !createNew) {
                throw new NoSuchFileException(name);
            }
            file = new DiskFile(this, name, new Image(), false);
            files.put(name, file);
        }
        return file;
    }

    synchronized @Nullable DiskFile find(String name) {
        return files.get(name);
    }

    synchronized void delete(String name) throws IOException {
        if (files.remove(name) == null) {
            throw new NoSuchFileException(name);
        }
    }

    /** What is durable of a file; null when there is no such file. */
    public synchronized @Nullable Image image(String name) {
        DiskFile file = files.get(name);
        return file == null ? null : file.durable();
    }

    /** Puts a file onto the disk, as if it had always been there. */
    public synchronized void put(String name, Image image) {
        files.put(name, new DiskFile(this, name, image, true));
    }

    // ---- requests on their way

    void begin(Weather.Kind kind) throws IOException {
        long request = requestsBegun.getAndIncrement();
        checkAlive();
        weather.pass(kind, true);
        checkAlive();
        try {
            weather.check(kind);
        } catch (IOException e) {
            weather.happened(Mishap.failed(kind));
            throw e;
        }
        if (latestInEffect.getAndAccumulate(request, Math::max) > request) {
            weather.happened(Mishap.OVERTAKEN);
        }
    }

    void end(Weather.Kind kind, String file, long position, long outcome) throws IOException {
        weather.pass(kind, false);
        checkAlive();
        weather.over(kind, file, position, outcome);
    }

    private void checkAlive() throws IOException {
        if (dead) {
            throw new IOException("Input/output error");
        }
    }

    long nextChange() {
        return changesMade.getAndIncrement();
    }

    void changed() {
        onChange.run();
    }

    /** Has somebody look at each change before its caller knows of it. */
    public void watch(Runnable watcher) {
        onChange = watcher;
    }

    /** A sync of the directory. */
    synchronized void settleNames() {
        files.values().forEach(DiskFile::settleName);
    }

    // ---- promises, and how they are broken

    long place(long position) {
        long last = lastPosition;
        lastPosition = position;
        return treachery == Treachery.MISPLACES_WRITE && random.nextInt(20) == 0 ? last : position;
    }

    /** Makes a change durable. */
    void settle(Image durable, Change change) {
        boolean broken = !change.resize() && random.nextInt(4) == 0;
        if (broken && treachery == Treachery.LOSES_SYNCED_WRITE) {
            durable.reach(change.position() + change.bytes().length);
            return;
        }
        if (broken && treachery == Treachery.LOSES_SECTOR) {
            int kept = change.bytes().length - SECTOR_BYTES;
            durable.put(change.position(), change.bytes(), 0, Math.max(0, kept));
            durable.reach(change.position() + change.bytes().length);
            return;
        }
        durable.apply(change);
    }

    // ---- the power goes

    public boolean dead() {
        return dead;
    }

    /** The power goes: what is under way has its effect or not, and its caller gets an error. */
    public void crash() {
        dead = true;
    }

    /**
     * Every state of a file that a crash at this moment can leave, each once.
     *
     * @param name which; its name is durable
     * @param unitBytes what is there or not as a whole
     */
    public List<Image> states(String name, int unitBytes) {
        DiskFile file = Objects.requireNonNull(find(name), name);
        return CrashStates.all(file.durable(), file.pending(), unitBytes, STATES_MAX);
    }

    /**
     * The disk after only the process has died: all of it is there, and what was not synced still
     * may be lost.
     */
    public synchronized SimulatedDisk afterKill() {
        SimulatedDisk same = new SimulatedDisk(weather, treachery, random.nextLong());
        same.changesMade.set(changesMade.get());
        files.forEach((name, file) -> same.files.put(name, file.on(same)));
        return same;
    }

    /** The disk as it is found afterwards; the same weather, and the same promises. */
    public synchronized SimulatedDisk found(Random random) {
        SimulatedDisk found = new SimulatedDisk(weather, treachery, random.nextLong());
        files.forEach(
                (name, file) -> {
                    // Those of snapshots have no name any more, or will not be asked for.
                    Image image = name.contains(".quire-snapshot") ? null : file.crash(random);
                    if (image != null) {
                        found.put(name, image);
                    }
                });
        return found;
    }
}
