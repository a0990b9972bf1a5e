package dev.quire.bench.jmh;

import dev.quire.bench.alloc.Peer;
import dev.quire.bench.alloc.Subject;

import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * What the allocator's benchmarks share: one allocator a fork, chosen by a parameter of the class,
 * under options that let every one of them show its best.
 *
 * <p>Netty uses Unsafe on this JDK only where that is allowed, makes buffers without cleaners and
 * without zeros only where {@code java.nio} is open to it, and is spared its leak detector. As much
 * direct memory as the others' region has is allowed to all.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Dio.netty.leakDetection.level=disabled",
            "-Djmh.executor=CUSTOM",
            "-Djmh.executor.class=dev.quire.bench.jmh.FastThreads",
            "-XX:MaxDirectMemorySize=1g",
        })
@State(Scope.Benchmark)
public abstract class PeerBench {
    /** The same frames in the same order for every allocator, in every run. */
    private static final long SEED = 42;

    /** The allocator. */
    @SuppressWarnings("NullAway.Init") // by open, from the setup of each class
    protected Subject subject;

    /** Made by JMH. */
    protected PeerBench() {}

    /**
     * Makes the allocator and says what it is.
     *
     * @param peer which
     * @param slots how many frames are held at once, at most
     */
    protected final void open(Peer peer, int slots) {
        subject = peer.open(slots);
        if (!Boolean.getBoolean("quire.bench.quiet")) {
            System.out.println("# " + peer + ": " + subject);
        }
    }

    /** Gives back what is held throughout; nothing, unless a class holds something. */
    protected void empty() {}

    /** Ends it. */
    @TearDown(Level.Trial)
    public void close() {
        empty();
        subject.close();
    }

    /**
     * Slots in an order that no allocator knows.
     *
     * @param slots how many
     * @return a permutation of 0..slots - 1
     */
    protected static int[] shuffled(int slots) {
        Random random = new Random(SEED);
        int[] order = new int[slots];
        for (int i = 0; i < slots; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
