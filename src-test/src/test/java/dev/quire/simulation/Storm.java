package dev.quire.simulation;

import dev.quire.simulation.disk.Mishap;
import dev.quire.simulation.disk.Weather;
import dev.quire.simulation.machine.Simulation;

import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Weather that follows from the seed: how slow, short and broken differs from run to run. */
final class Storm implements Weather {
    private static final int SECTOR_BYTES = 512;
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Simulation simulation;
    private final SplittableRandom random;
    private final Map<String, Long> done;
    private final boolean calm;
    private final long passNanos;
    private final double spikes;
    private final double shorts;
    private final double failures;
    private final double failedSyncs;
    private final double failedResizes;
    private final double failedOpens;
    private long requests;
    private long crashAt = Long.MAX_VALUE;
    private Runnable crash = () -> {};

    /**
     * Weather to be.
     *
     * @param calm whether nothing happens, for a canary
     * @param done counts what happens
     */
    Storm(Simulation simulation, boolean calm, Map<String, Long> done) {
        this.simulation = simulation;
        this.calm = calm;
        this.done = done;
        random = simulation.random("weather");
        passNanos = calm ? 0 : 1L << random.nextInt(4, 20);
        spikes = chance(0.01);
        shorts = chance(0.2);
        boolean faulty = Math.floorMod(simulation.seed(), 3L) == 0; // every third of those in a row
        failures = faulty ? chance(0.05) : 0;
        failedSyncs = faulty ? chance(0.05) : 0;
        failedResizes = faulty ? chance(0.2) : 0;
        failedOpens = faulty ? chance(0.05) : 0;
    }

    private double chance(double max) {
        return calm || random.nextInt(3) == 0 ? 0 : random.nextDouble() * max;
    }

    /** Whether requests fail although the power is there. */
    boolean faulty() {
        return failures > 0 || failedSyncs > 0 || failedResizes > 0 || failedOpens > 0;
    }

    /** Whether transfers come back short. */
    boolean shortens() {
        return shorts > 0;
    }

    /** The power goes after so many requests. */
    void crashAfter(long requestsLeft, Runnable power) {
        crashAt = requests + requestsLeft;
        crash = power;
    }

    @Override
    public void pass(Kind kind, boolean before) {
        long nanos = random.nextLong(1 + passNanos);
        if (random.nextDouble() < spikes) {
            nanos += random.nextLong(TimeUnit.SECONDS.toNanos(1));
        }
        long start = System.nanoTime(); // of the simulation
        simulation.sleep(nanos);
        if (System.nanoTime() - start >= LONG_NANOS) {
            happened(Mishap.LONG_WAIT);
        }
    }

    @Override
    public void check(Kind kind) throws IOException {
        double chance =
                switch (kind) {
                    case SYNC -> failedSyncs;
                    case RESIZE -> failedResizes;
                    case OPEN -> failedOpens;
                    default -> failures;
                };
        if (random.nextDouble() < chance) {
            throw new IOException("Input/output error");
        }
    }

    /** Whole sectors, as disks do. */
    @Override
    public int length(Kind kind, int asked) {
        int sectors = asked / SECTOR_BYTES;
        return sectors > 1 && random.nextDouble() < shorts
                ? (1 + random.nextInt(sectors - 1)) * SECTOR_BYTES
                : asked;
    }

    @Override
    public void happened(Mishap mishap) {
        done.merge(mishap.name(), 1L, Long::sum);
    }

    @Override
    public void over(Kind kind, String file, long position, long outcome) {
        simulation
                .trace()
                .event(
                        kind.name().hashCode(),
                        position * 31 + outcome,
                        () -> kind + " " + file + " at " + position + ": " + outcome);
        if (++requests >= crashAt) {
            crashAt = Long.MAX_VALUE;
            crash.run();
        }
    }
}
