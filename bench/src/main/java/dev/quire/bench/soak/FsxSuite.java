package dev.quire.bench.soak;

import dev.quire.bench.fsx.FsxJob;
import dev.quire.bench.fsx.FsxOptions;
import dev.quire.bench.fsx.Target;
import dev.quire.bench.run.IoMode;

import java.io.IOException;
import java.util.List;

/** Runs of {@code quire fsx}, one after the other, each with the next seed. */
final class FsxSuite implements Suite {
    private static final int OPS_A_THREAD = 2000;
    private static final long FILE_BYTES = 1 << 20;
    private static final long MEMORY_BYTES = 1 << 19;
    private static final int PAGE_BYTES = 1 << 12;

    @Override
    public Counts run(Turn turn) throws IOException {
        long operations = 0;
        long deadlineNanos = turn.deadlineNanos();
        for (long seed = turn.seed(); ; seed++) { // ends with the turn
            Quiet quiet = new Quiet();
            FsxJob job = new FsxJob(options(turn, seed), quiet.console());
            boolean good = job.run();
            operations += job.operations();
            if (!good) {
                return new Counts(operations, List.of(quiet.words()));
            }
            if (System.nanoTime() - deadlineNanos >= 0) {
                return Counts.good(operations);
            }
        }
    }

    private static FsxOptions options(Turn turn, long seed) {
        return new FsxOptions(
                Target.QUIRE,
                (long) OPS_A_THREAD * turn.threads(),
                seed,
                turn.threads(),
                0,
                FILE_BYTES,
                Math.max(MEMORY_BYTES, (long) turn.threads() * 64 * PAGE_BYTES),
                PAGE_BYTES,
                turn.direct() ? IoMode.DIRECT : IoMode.BUFFERED,
                turn.folder(),
                null,
                false,
                false);
    }
}
