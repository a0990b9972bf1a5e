package dev.quire.pagecache;

import org.agrona.concurrent.Agent;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/** Looks at the memory pressure of the system once a second, and has the cache follow it. */
final class PressureAgent implements Agent {
    static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final System.Logger LOG = System.getLogger(PressureAgent.class.getName());

    private final PressureSource source;
    private final CacheLimit limit;
    private final PressureSteps steps;
    private long lastLookNanos = System.nanoTime() - LOOK_NANOS;
    private boolean failed;

    PressureAgent(PressureSource source, CacheLimit limit) {
        this.source = source;
        this.limit = limit;
        steps = new PressureSteps(limit.mostBytes(), limit.leastBytes());
    }

    @Override
    public int doWork() {
        long now = System.nanoTime();
        if (!failed && now - lastLookNanos >= LOOK_NANOS) {
            lastLookNanos = now;
            look();
        }
        return 0;
    }

    private void look() {
        try {
            limit.pressure(steps.next(source.stalledPercent()));
        } catch (IOException | RuntimeException e) {
            failed = true;
            limit.pressure(limit.mostBytes());
            LOG.log(
                    Level.WARNING,
                    "memory pressure is not followed, {0} cannot be read: {1}",
                    source,
                    e);
        }
    }

    @Override
    public String roleName() {
        return "quire-pressure";
    }
}
