package dev.quire.bench.compare;

import dev.quire.bench.run.Distribution;
import dev.quire.bench.run.KeySource;
import dev.quire.bench.run.LatencyRecorder;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** One thread's requests: the same ones, in the same order, whatever the store is. */
final class Mix {
    private static final int PERCENT = 100;

    private final LoadSettings settings;
    private final SplittableRandom random;
    private final KeySource hot;
    private final LatencyRecorder reads = new LatencyRecorder();
    private final LatencyRecorder writes = new LatencyRecorder();
    private final LatencyRecorder scans = new LatencyRecorder();

    Mix(LoadSettings settings, int thread) {
        this.settings = settings;
        random = new SplittableRandom(settings.seed() * 31 + thread);
        hot =
                Distribution.ZIPF.source(
                        settings.pages(), settings.seed(), random, thread, settings.threads());
    }

    LatencyRecorder reads() {
        return reads;
    }

    LatencyRecorder writes() {
        return writes;
    }

    LatencyRecorder scans() {
        return scans;
    }

    /** Works until it is told to stop; tells when its first request is done. */
    void run(Store.Session session, BooleanSupplier stopped, Runnable begun) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(settings.pageBytes(), settings.pageBytes());
            request(session, copy);
            begun.run();
            while (!stopped.getAsBoolean()) {
                request(session, copy);
            }
        }
    }

    private void request(Store.Session session, MemorySegment copy) throws IOException {
        int choice = random.nextInt(PERCENT);
        long uniform = random.nextLong(settings.pages());
        long skewed = hot.next();
        if (choice < settings.writePercent()) {
            ComparedPage.fill(copy, skewed, random.nextLong());
            long start = System.nanoTime();
            session.write(skewed, copy);
            writes.record(System.nanoTime() - start);
        } else if (choice < settings.writePercent() + settings.scanPercent()) {
            scan(session, copy, uniform);
        } else {
            int readsFrom = settings.writePercent() + settings.scanPercent();
            long page = choice < readsFrom + settings.uniformPercent() ? uniform : skewed;
            long start = System.nanoTime();
            session.read(page, copy);
            reads.record(System.nanoTime() - start);
            ComparedPage.check(copy, page);
        }
    }

    private void scan(Store.Session session, MemorySegment copy, long first) throws IOException {
        long end = Math.min(first + LoadSettings.SCAN_PAGES, settings.pages());
        long start = System.nanoTime();
        for (long page = first; page < end; page++) {
            session.readNext(page, copy);
            ComparedPage.check(copy, page);
        }
        scans.record(System.nanoTime() - start);
    }
}
