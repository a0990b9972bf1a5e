package dev.quire.bench.jmh;

import dev.quire.bench.pages.PageAccess;
import dev.quire.bench.pages.PagePeer;
import dev.quire.bench.pages.PageSubject;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * A page that is in memory, as Quire and its peers read, hold and write it: one long of a random
 * page, or all longs of one page after the other. One peer a fork.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx2g",
            "-XX:MaxDirectMemorySize=1g"
        })
@State(Scope.Benchmark)
public class PageAccessBench {
    @Param private PagePeer peer = PagePeer.QUIRE;

    /** 256: hot; 8192: 64 MiB; 65536: 512 MiB, which no CPU cache holds. */
    @Param({"256", "65536"})
    private int pages;

    @SuppressWarnings("NullAway.Init") // by open
    private PageSubject subject;

    /** Made by JMH. */
    public PageAccessBench() {}

    /** One thread's way to the pages, and where its scan is. */
    @State(Scope.Thread)
    public static class Access {
        @SuppressWarnings("NullAway.Init") // by open
        private PageAccess access;

        private long scanned;

        /** Made by JMH. */
        public Access() {}

        /**
         * Opens it.
         *
         * @param bench whose pages
         */
        @Setup(Level.Trial)
        public void open(PageAccessBench bench) {
            access = bench.subject.access();
        }

        /** Closes it. */
        @TearDown(Level.Trial)
        public void close() {
            access.close();
        }
    }

    /**
     * Makes the pages.
     *
     * @throws IOException if a file cannot be written
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
        subject = peer.open(pages);
    }

    /**
     * Ends it.
     *
     * @throws IOException if a file cannot be removed
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        subject.close();
    }

    /**
     * A read of a random page.
     *
     * @param random of this thread
     * @param state of this thread
     * @return what was read
     * @throws IOException if it cannot be read
     */
    @Benchmark
    public long read(PageNumbers random, Access state) throws IOException {
        return state.access.read(random.next(pages));
    }

    /**
     * A random page, held, read and let go.
     *
     * @param random of this thread
     * @param state of this thread
     * @return what was read
     * @throws IOException if it cannot be read
     */
    @Benchmark
    public long pin(PageNumbers random, Access state) throws IOException {
        return state.access.pin(random.next(pages));
    }

    /**
     * A write to a random page.
     *
     * @param random of this thread
     * @param state of this thread
     * @throws IOException if it cannot be written
     */
    @Benchmark
    public void write(PageNumbers random, Access state) throws IOException {
        long page = random.next(pages);
        state.access.write(page, page);
    }

    /**
     * The sum of all longs of a page, the next one each time.
     *
     * @param state of this thread
     * @return the sum
     * @throws IOException if it cannot be read
     */
    @Benchmark
    public long scan(Access state) throws IOException {
        state.scanned = state.scanned + 1 & pages - 1;
        return state.access.sum(state.scanned);
    }
}
