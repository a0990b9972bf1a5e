package dev.quire.bench.alloc;

import dev.quire.bench.run.Parallel;

import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.Phaser;

/**
 * How well a zone gets its huge blocks back while single frames come and go.
 *
 * <p>Every frame is taken, a random half of them is given back, and then, round after round, each
 * thread gives a random tenth of what it holds back and takes as many again. After each round the
 * free huge blocks are counted. After "LLFree: Scalable and Optionally-Persistent Page-Frame
 * Allocation", Wrenger et al., USENIX ATC '23.
 */
public final class Fragmentation {
    /*
     * The frames lie in one array, of which each thread has a section: what it keeps first, what it
     * gives back at the start behind that. The phases are: all taken, half given back, and one a
     * round; at the end of each the last thread to arrive looks at the zone, alone.
     */
    private final FragmentationOptions options;
    private final FrameSource source;
    private final int[] frames;
    private final int[] freeHuge;
    private final Phaser phaser;

    /** One that failed stops all others at the end of the phase. */
    private volatile boolean failed;

    private Fragmentation(FragmentationOptions options, FrameSource source) {
        this.options = options;
        this.source = source;
        frames = new int[options.frames()];
        freeHuge = new int[options.rounds() + 1];
        phaser =
                new Phaser(options.threads()) {
                    @Override
                    protected boolean onAdvance(int phase, int parties) {
                        endPhase(phase);
                        return parties == 0;
                    }
                };
    }

    /**
     * Runs it.
     *
     * @param options how
     * @param zone what
     * @return what came of it
     * @throws IOException when interrupted
     */
    public static FragmentationResult run(FragmentationOptions options, ChurnedZone zone)
            throws IOException {
        try (FrameSource source = zone.open(options.frames())) {
            Fragmentation run = new Fragmentation(options, source);
            long start = System.nanoTime();
            Parallel.run(options.threads(), run::work);
            long nanos = System.nanoTime() - start;
            return new FragmentationResult(
                    run.possibleHuge(), Arrays.stream(run.freeHuge).boxed().toList(), nanos);
        }
    }

    /** As many huge blocks as the free half of the frames could be. */
    private int possibleHuge() {
        int free = frames.length;
        for (int thread = 0; thread < options.threads(); thread++) {
            free -= kept(thread) - from(thread);
        }
        return free / FrameSource.HUGE_FRAMES;
    }

    private int from(int thread) {
        return (int) ((long) frames.length * thread / options.threads());
    }

    private int kept(int thread) {
        return from(thread) + (from(thread + 1) - from(thread)) / 2;
    }

    private void work(int thread) {
        boolean done = false;
        try {
            churn(thread);
            done = true;
        } finally {
            failed |= !done;
            phaser.arriveAndDeregister();
        }
    }

    private void churn(int thread) {
        SplittableRandom random = new SplittableRandom(options.seed() + thread);
        int from = from(thread);
        int kept = kept(thread);
        takeAll(from, from(thread + 1));
        endPhase();
        giveAll(failed ? from : kept, from(thread + 1));
        endPhase();
        for (int round = 0; round < options.rounds() && !failed; round++) {
            churnTenth(from, kept, random);
            endPhase();
        }
        giveAll(from, kept);
    }

    private void endPhase() {
        phaser.arriveAndAwaitAdvance();
    }

    private void churnTenth(int from, int to, SplittableRandom random) {
        int tenth = (to - from) / 10;
        int batch = options.batch() == 0 ? tenth : Math.min(options.batch(), tenth);
        for (int left = tenth; left > 0; left -= batch) {
            int count = Math.min(batch, left);
            for (int i = from; i < from + count; i++) {
                swap(i, random.nextInt(i, to));
            }
            giveAll(from, from + count);
            takeAll(from, from + count);
        }
    }

    private void takeAll(int from, int to) {
        for (int i = from; i < to; i++) {
            int frame = source.take();
            if (frame < 0) {
                throw new IllegalStateException("out of frames, though fewer than all are taken");
            }
            frames[i] = frame;
        }
    }

    private void giveAll(int from, int to) {
        for (int i = from; i < to; i++) {
            source.give(frames[i]);
        }
    }

    private void endPhase(int phase) {
        if (failed) {
            return;
        }
        if (phase == 0) {
            shuffle();
        } else if (phase <= freeHuge.length) {
            freeHuge[phase - 1] = source.freeHugeBlocks();
        }
    }

    /** Over all threads, so that neighbours do not stay with one. */
    private void shuffle() {
        SplittableRandom random = new SplittableRandom(options.seed());
        for (int i = frames.length - 1; i > 0; i--) {
            swap(i, random.nextInt(i + 1));
        }
    }

    private void swap(int i, int j) {
        int frame = frames[i];
        frames[i] = frames[j];
        frames[j] = frame;
    }
}
