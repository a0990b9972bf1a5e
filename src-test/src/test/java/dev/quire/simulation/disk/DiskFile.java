package dev.quire.simulation.disk;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A file: what its readers see, what a sync has made durable, and the changes in between. Guarded
 * by itself; no request holds it while time passes.
 */
public final class DiskFile {
    private final SimulatedDisk disk;
    private final String name;
    private final Image now;
    private Image durable;
    private final List<Change> pending = new ArrayList<>();
    private final Set<Long> underWay = new HashSet<>(); // changes whose caller does not know yet
    private final Set<Long> doomed = new HashSet<>(); // those that a failed sync may have dropped
    private Set<Long> early =
            Set.of(); // what a sync that was answered too early should have covered
    private boolean nameDurable;

    DiskFile(SimulatedDisk disk, String name, Image found, boolean nameDurable) {
        this.disk = disk;
        this.name = name;
        this.nameDurable = nameDurable;
        now = found.copy();
        durable = found;
    }

    // ---- requests

    int read(ByteBuffer into, long position) throws IOException {
        int asked = into.remaining();
        disk.begin(Weather.Kind.READ);
        int count = asked == 0 ? 0 : disk.weather().length(Weather.Kind.READ, asked);
        byte[] found;
        synchronized (this) {
            if (count < Math.clamp(now.size() - position, 0, asked)) {
                disk.weather().happened(Mishap.SHORT_READ);
            }
            count = Math.clamp(now.size() - position, 0, count);
            found = now.range(position, count);
        }
        disk.end(Weather.Kind.READ, name, position, count);
        into.put(found);
        return count == 0 && asked > 0 ? -1 : count;
    }

    int write(ByteBuffer from, long position) throws IOException {
        int asked = from.remaining();
        disk.begin(Weather.Kind.WRITE);
        int count = asked == 0 ? 0 : disk.weather().length(Weather.Kind.WRITE, asked);
        if (count < asked) {
            disk.weather().happened(Mishap.SHORT_WRITE);
        }
        byte[] bytes = new byte[count];
        from.get(bytes);
        Change change;
        synchronized (this) {
            change = Change.write(disk.nextChange(), disk.place(position), bytes, now.size());
            begin(change);
        }
        disk.end(Weather.Kind.WRITE, name, position, count);
        end(change);
        return count;
    }

    void resize(long size) throws IOException {
        disk.begin(Weather.Kind.RESIZE);
        Change change;
        synchronized (this) {
            change = Change.resize(disk.nextChange(), size);
            begin(change);
        }
        disk.end(Weather.Kind.RESIZE, name, size, 0);
        end(change);
    }

    private void begin(Change change) {
        now.apply(change);
        pending.add(change);
        underWay.add(change.number());
        disk.changed();
    }

    private synchronized void end(Change change) {
        underWay.remove(change.number());
    }

    /**
     * Covers the changes whose callers knew of their end when it began; a failure tells once, and
     * what it was to cover may never be durable.
     */
    void sync() throws IOException {
        Set<Long> covered = new HashSet<>();
        synchronized (this) {
            pending.forEach(change -> covered.add(change.number()));
            covered.removeAll(underWay);
        }
        try {
            disk.begin(Weather.Kind.SYNC);
        } catch (IOException e) {
            synchronized (this) {
                if (!disk.dead()) { // else it never came to that
                    doomed.addAll(covered);
                }
            }
            throw e;
        }
        synchronized (this) {
            if (!disk.dead()) {
                settle(disk.treachery() == Treachery.ANSWERS_SYNC_EARLY ? early : covered);
                early = covered;
            }
        }
        disk.end(Weather.Kind.SYNC, name, 0, 0);
    }

    private void settle(Set<Long> covered) {
        for (int i = 0; i < pending.size(); i++) {
            Change change = pending.get(i);
            if (covered.contains(change.number()) || isBefore(change, i, covered)) {
                pending.remove(i--);
                if (!doomed.remove(change.number())) {
                    disk.settle(durable, change);
                }
            }
        }
        if (name.isEmpty()) {
            disk.settleNames(); // the directory: a sync of a new file does not promise its name
        }
    }

    /** What is covered later cannot be durable without it: the same bytes, or a size. */
    private boolean isBefore(Change change, int index, Set<Long> covered) {
        return pending.subList(index + 1, pending.size()).stream()
                .filter(later -> covered.contains(later.number()))
                .anyMatch(later -> change.resize() || later.resize() || change.overlaps(later));
    }

    synchronized void settleName() {
        nameDurable = true;
    }

    synchronized long size() {
        return now.size();
    }

    String name() {
        return name;
    }

    /** The same file, with its changes that no sync has covered, of a disk that goes on. */
    synchronized DiskFile on(SimulatedDisk other) {
        DiskFile same = new DiskFile(other, name, now, nameDurable);
        same.durable = durable.copy();
        same.pending.addAll(pending);
        same.doomed.addAll(doomed);
        return same;
    }

    // ---- the power goes

    /** What is there afterwards; null when not even the name is. */
    synchronized @Nullable Image crash(Random random) {
        if (!nameDurable && random.nextBoolean()) {
            disk.weather().happened(Mishap.LOST_NAME);
            return null;
        }
        int sizes = random.nextInt(pending.size() + 1);
        int tearing = random.nextInt(3);
        boolean[] whole = new boolean[pending.size()];
        for (int i = 0; i < whole.length; i++) {
            whole[i] = random.nextBoolean();
        }
        int[] units = new int[whole.length];
        int[] there = new int[whole.length];
        Image image =
                CrashStates.image(
                        durable,
                        pending,
                        sizes,
                        (change, unit) -> {
                            boolean survives =
                                    tearing == 0 ? whole[change] : random.nextInt(3) >= tearing;
                            units[change]++;
                            there[change] += survives ? 1 : 0;
                            return survives;
                        },
                        SimulatedDisk.SECTOR_BYTES);
        for (int i = 0; i < whole.length; i++) {
            if (pending.get(i).resize()) {
                disk.weather().happened(i < sizes ? Mishap.SURVIVING_RESIZE : Mishap.LOST_RESIZE);
            } else if (units[i] > 0) {
                disk.weather().happened(fate(there[i], units[i]));
            }
        }
        return image;
    }

    private static Mishap fate(int there, int units) {
        if (there == 0) {
            return Mishap.LOST_WRITE;
        }
        return there < units ? Mishap.TORN_WRITE : Mishap.SURVIVING_WRITE;
    }

    synchronized Image durable() {
        return durable.copy();
    }

    synchronized List<Change> pending() {
        return List.copyOf(pending);
    }
}
