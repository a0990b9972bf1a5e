package dev.quire.bench.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs one task on several threads and waits for all of them. */
public final class Parallel {
    /** The part of one thread. */
    @FunctionalInterface
    public interface Part {
        /**
         * Does the part of one thread.
         *
         * @param thread 0..threads - 1
         * @throws IOException when its files fail
         */
        void run(int thread) throws IOException;
    }

    private Parallel() {}

    /**
     * Runs all parts and waits.
     *
     * @param threads 1 or more
     * @param part run once by each
     * @throws IOException the first one of any thread, after all have ended
     */
    public static void run(int threads, Part part) throws IOException {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> parts = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int number = thread;
                parts.add(
                        pool.submit(
                                () -> {
                                    part.run(number);
                                    return null;
                                }));
            }
            for (Future<?> each : parts) {
                each.get();
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
