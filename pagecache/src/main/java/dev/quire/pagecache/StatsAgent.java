package dev.quire.pagecache;

import org.agrona.concurrent.Agent;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** Writes the statistics of a cache to their file, once a second, and removes it at the end. */
final class StatsAgent implements Agent {
    static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final System.Logger LOG = System.getLogger(StatsAgent.class.getName());

    private final StatsFile file;
    private long lastNanos = System.nanoTime();
    private boolean failing;

    /**
     * Writes the file for the first time.
     *
     * @throws IllegalArgumentException if that fails
     */
    StatsAgent(StatsFile file) {
        this.file = file;
        try {
            file.write();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "statistics cannot be written: statsFile=" + file, e);
        }
    }

    @Override
    public int doWork() {
        long now = System.nanoTime();
        if (now - lastNanos < INTERVAL.toNanos()) {
            return 0;
        }
        lastNanos = now;
        try {
            file.write();
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                failing = true;
                LOG.log(
                        Level.WARNING,
                        "statistics are not written, it is tried again: file=" + file,
                        e);
            }
        }
        return 0;
    }

    @Override
    public void onClose() {
        try {
            file.delete();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "statistics of a closed cache stay: file=" + file, e);
        }
    }

    @Override
    public String roleName() {
        return "quire-statistics";
    }
}
