package dev.quire.bench.soak;

import dev.quire.aio.Engine;
import dev.quire.bench.run.Distribution;
import dev.quire.bench.run.IoMode;
import dev.quire.bench.run.RunJob;
import dev.quire.bench.run.RunOptions;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/** A run of {@code quire run}, of a mixture that the seed chooses. */
final class RunSuite implements Suite {
    private static final long FILE_BYTES = 48 << 20;
    private static final int PAGES_MIN = 512;

    @Override
    public Counts run(Turn turn) throws IOException {
        Quiet quiet = new Quiet();
        RunJob job = new RunJob(options(turn), quiet.console());
        boolean good = job.run();
        return new Counts(job.operations(), good ? List.of() : List.of(quiet.words()));
    }

    private static RunOptions options(Turn turn) {
        SplittableRandom random = new SplittableRandom(turn.seed());
        int pageBytes = 1 << (12 + random.nextInt(3));
        Distribution[] distributions = Distribution.values();
        return new RunOptions(
                null,
                false,
                turn.folder(),
                FILE_BYTES,
                (long) (PAGES_MIN + 16 * turn.threads()) * pageBytes,
                pageBytes,
                turn.threads(),
                random.nextInt(101),
                distributions[random.nextInt(distributions.length)],
                turn.seconds(),
                Engine.AUTO,
                turn.direct() ? IoMode.DIRECT : IoMode.BUFFERED,
                turn.seed(),
                null,
                false);
    }
}
