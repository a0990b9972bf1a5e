package dev.quire.bench.jmh;

import dev.quire.bench.pages.ColdPeer;

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
 * Random pages of 8 KiB of a direct file of 128 MiB in {@code java.io.tmpdir}, one thread: through
 * a cache of an eighth of it, or through none.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@State(Scope.Benchmark)
public class ColdReadBench {
    /** A run of the build only shows that it runs. */
    private static final int SHARE = Boolean.getBoolean("quire.bench.quiet") ? 16 : 1;

    private static final int PAGES = 16384 / SHARE;
    private static final int CACHED_PAGES = PAGES / 8;

    @Param private ColdPeer peer = ColdPeer.QUIRE;

    @SuppressWarnings("NullAway.Init") // by open
    private ColdPeer.Reader reader;

    /** Made by JMH. */
    public ColdReadBench() {}

    /**
     * Makes the file.
     *
     * @throws IOException if it cannot
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
        reader = peer.open(PAGES, CACHED_PAGES);
    }

    /**
     * Removes it.
     *
     * @throws IOException if it cannot
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        reader.close();
    }

    /**
     * A random page.
     *
     * @param random of this thread
     * @return a long of it
     * @throws IOException if it cannot be read
     */
    @Benchmark
    public long read(PageNumbers random) throws IOException {
        return reader.read(random.next(PAGES));
    }
}
