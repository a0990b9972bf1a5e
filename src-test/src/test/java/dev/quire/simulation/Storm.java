package dev.quire.simulation;

import dev.quire.simulation.disk.Weather;
import dev.quire.simulation.machine.Simulation;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Weather that follows from the seed: how slow, short and broken differs from run to run. */
final class Storm implements Weather {
    private static final int SECTOR_BYTES = 512;

    private final Simulation simulation;
    private final SplittableRandom random;
    private final long passNanos;
    private final double spikes;
    private final double shorts;
    private final double failures;
    private final double failedSyncs;
    private long requests;
    private long crashAt = Long.MAX_VALUE;
    private Runnable crash = () -> {};

    Storm(Simulation simulation) {
        this.simulation = simulation;
        random = simulation.random("weather");
        passNanos = 1L << random.nextInt(4, 20);
        spikes = chance(0.01);
        shorts = chance(0.2);
        boolean faulty = random.nextInt(3) == 0;
        failures = faulty ? chance(0.05) : 0;
        failedSyncs = faulty ? chance(0.02) : 0;
    }

    private double chance(double max) {
        return random.nextInt(3) == 0 ? 0 : random.nextDouble() * max;
    }

    /** Whether requests fail although the power is there. */
    boolean faulty() {
        return failures > 0 || failedSyncs > 0;
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
        simulation.sleep(nanos);
    }

    @Override
    public void check(Kind kind) throws IOException {
        double chance =
                switch (kind) {
                    case SYNC -> failedSyncs;
                    case OPEN -> 0;
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
