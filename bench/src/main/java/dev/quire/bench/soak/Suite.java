package dev.quire.bench.soak;

import dev.quire.bench.console.Console;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.Function;

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
        FSX(_ -> new FsxSuite()),
        /** {@code quire run}: a workload that proves what it reads. */
        RUN(_ -> new RunSuite()),
        /** One file by several threads: cached, direct, snapshots, pages that move. */
        MIXED(MixedSuite::new),
        /** Blocks of frames taken, written, handed on and given back. */
        ALLOCATOR(ChurnSuite::new),
        /** The engines without a cache, under faults. */
        IO(IoSuite::new),
        /** A process that writes and syncs, killed again and again. */
        KILL(KillSuite::new);

        private final Function<SoakHooks, Suite> maker;

        Kind(Function<SoakHooks, Suite> maker) {
            this.maker = maker;
        }

        Suite suite(SoakHooks hooks) {
            return maker.apply(hooks);
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
