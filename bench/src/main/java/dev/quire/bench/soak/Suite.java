package dev.quire.bench.soak;

import dev.quire.bench.console.Console;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;

/** One kind of soak. What is wrong is in its counts, or is thrown as an error. */
@FunctionalInterface
interface Suite {
    /**
     * Goes on for a turn.
     *
     * @throws IOException when the disk or the folder cannot be worked with
     * @throws InterruptedException when the calling thread is interrupted
     */
    Counts run(Turn turn) throws IOException, InterruptedException;

    /** The suites there are, in the order of their turns. */
    enum Kind {
        /** {@code quire fsx}: random operations on files, beside copies of them. */
        FSX,
        /** {@code quire run}: a workload that proves what it reads. */
        RUN,
        /** One file by several threads: cached, direct, snapshots, pages that move. */
        MIXED,
        /** Blocks of frames taken, written, handed on and given back. */
        ALLOCATOR,
        /** The engines without a cache, under faults. */
        IO,
        /** A process that writes and syncs, killed again and again. */
        KILL;

        Suite suite(SoakHooks hooks) {
            return switch (this) {
                case FSX -> new FsxSuite();
                case RUN -> new RunSuite();
                case MIXED -> new MixedSuite(hooks);
                case ALLOCATOR -> new ChurnSuite(hooks);
                case IO -> new IoSuite(hooks);
                case KILL -> new KillSuite(hooks);
            };
        }
    }

    /** A console whose words are kept until something is wrong. */
    final class Quiet {
        private final StringWriter words = new StringWriter();
        private final Console console =
                new Console(new PrintWriter(words), new PrintWriter(words), 0);

        Console console() {
            return console;
        }

        String words() {
            return words.toString().strip();
        }
    }
}
