package dev.quire.bench.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.simulation.disk.SimulatedDisk;
import dev.quire.simulation.disk.Treachery;
import dev.quire.simulation.disk.Weather;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The power goes while two threads write to a store, or while it is recovered after its process was
 * killed, or gave up because a sync failed: of what was not synced any sector is there or not, and
 * what a failed sync was to cover may be readable and never stored. Each time the store opens
 * again, its tree is one, what was committed is there, and what was not is there up to some step.
 * {@code -Dseed=N} for the same steps and the same number of writes before each crash; the threads
 * meet anew.
 */
@Timeout(120)
class TreeStoreCrashTest {
    private static final int RUNS = Integer.getInteger("example.runs", 8);
    private static final int CRASHES = 5; // of a run
    private static final int CANARY_RUNS_MAX = 60;
    private static final int WRITES_MAX = 1500; // of the disk, before a crash
    private static final int RECOVERY_WRITES_MAX = 60;
    private static final int LOG_WRITES_MAX = 60;
    private static final int SYNCS_MAX = 40;
    private static final long STEPS_MAX = 1 << 20;

    /** How a log is opened. */
    private interface Logs {
        Log open(Path path) throws IOException;
    }

    /** Lets pages go before the log says what happened to them. */
    private static final class Careless extends Log {
        Careless(Path path) throws IOException {
            super(path);
        }

        @Override
        public long beforeWrite(long page, MemorySegment image, long lsn) {
            return GO;
        }
    }

    /** Never has the whole of a page that was there at the last checkpoint. */
    private static final class Thrifty extends Log {
        Thrifty(Path path) throws IOException {
            super(path);
        }

        @Override
        boolean hasPage(PageCursor page) {
            return true;
        }
    }

    private static final ExecutorService POOL = Executors.newCachedThreadPool();

    @AfterAll
    static void end() {
        POOL.shutdown();
    }

    @Test
    void shouldFindWhatWasCommittedAfterEveryCrash() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("TreeStoreCrashTest -Dseed=" + seed);
        long committed = 0;
        for (int run = 0; run < RUNS; run++) {
            try {
                committed += new Run(seed + run, Log::new).crashOften();
            } catch (AssertionError e) {
                throw new AssertionError("-Dseed=" + (seed + run) + " -Dexample.runs=1", e);
            }
        }
        System.out.printf("%d crashes, %d steps committed%n", RUNS * CRASHES, committed);
        assertThat(committed).isGreaterThan(100L * RUNS * CRASHES);
    }

    @Test
    void shouldNoticePagesThatGoBeforeTheirLog() {
        assertThatThrownBy(() -> runOften(Careless::new)).isInstanceOf(AssertionError.class);
    }

    @Test
    void shouldNoticeThatTornPagesAreNotInTheLog() {
        assertThatThrownBy(() -> runOften(Thrifty::new)).isInstanceOf(AssertionError.class);
    }

    private static void runOften(Logs logs) throws Exception {
        for (long seed = 1; seed <= CANARY_RUNS_MAX; seed++) {
            try {
                new Run(seed, logs).crashOften();
            } catch (AssertionError noticed) {
                System.out.println("noticed in run " + seed + ": " + noticed.getMessage());
                throw noticed;
            }
        }
    }

    /** A disk, and the processes that use it one after the other. */
    private static final class Run {
        private final Random random;
        private final Logs logs;
        private final List<Writer> writers = new ArrayList<>();
        private SimulatedDisk disk;
        private long committed;
        private final AtomicLong logWritesLeft = new AtomicLong();
        private final AtomicLong syncsLeft = new AtomicLong();
        private volatile boolean kill; // when the log was written, and not yet synced
        private volatile boolean syncFailed; // the process gives up

        private final class Killer implements Weather {
            @Override
            public void check(Kind kind) throws IOException {
                if (kill && kind == Kind.SYNC && syncsLeft.decrementAndGet() == 0) {
                    syncFailed = true;
                    throw new IOException("the sync fails");
                }
            }

            @Override
            public void over(Kind kind, String file, long position, long outcome) {
                if (kill
                        && kind == Kind.WRITE
                        && file.equals("log")
                        && logWritesLeft.decrementAndGet() == 0) {
                    disk.crash();
                }
            }
        }

        Run(long seed, Logs logs) {
            this.logs = logs;
            random = new Random(seed);
            disk = new SimulatedDisk(new Killer(), Treachery.NONE, seed);
            for (int id = 0; id < Writer.COUNT; id++) {
                writers.add(new Writer(seed, id));
            }
        }

        /** Answers how many steps were committed. */
        long crashOften() throws Exception {
            for (int crash = 0; crash < CRASHES; crash++) {
                boolean recovering =
                        crash > 0 && kill; // the process was killed, now the power goes
                kill = !recovering && random.nextInt(3) == 0;
                logWritesLeft.set(1 + random.nextInt(LOG_WRITES_MAX));
                syncsLeft.set(1 + random.nextInt(SYNCS_MAX));
                syncFailed = false;
                int writesMax = recovering ? RECOVERY_WRITES_MAX : WRITES_MAX;
                AtomicLong left = new AtomicLong(1 + random.nextInt(writesMax));
                disk.watch(
                        () -> {
                            if (!kill && left.decrementAndGet() == 0) {
                                disk.crash();
                            }
                        });
                live();
                disk = kill ? disk.afterKill() : disk.found(random);
            }
            kill = false;
            syncFailed = false;
            disk.watch(() -> {});
            try (PageCache cache = cache(Duration.ofMinutes(1));
                    TreeStore store = open(cache)) { // a life without a crash
                check(store);
                cache.verify();
            } catch (IOException | RuntimeException e) {
                expectDead(e);
            }
            return committed;
        }

        private TreeStore open(PageCache cache) throws IOException {
            Log log = logs.open(disk.path("log"));
            return new TreeStore(
                    cache, log, cache.open(disk.path("tree"), log, READ, WRITE, CREATE));
        }

        private static PageCache cache(Duration closeMax) {
            return PageCache.create(
                    PageCacheConfig.builder()
                            .memoryBytes(64 * 4096)
                            .pageBytes(4096)
                            .dirtyAge(Duration.ofMillis(2))
                            .stallMax(Duration.ofSeconds(20))
                            .closeMax(closeMax)
                            .io(AsyncIoConfig.builder().engine(Engine.CHANNEL).threads(1).build())
                            .build());
        }

        /** Opens the store, and writes to it until the power goes. */
        private void live() throws InterruptedException, ExecutionException {
            PageCache cache = cache(Duration.ofMillis(100)); // of a dead disk
            try {
                TreeStore store = open(cache);
                check(store);
                List<CompletableFuture<Void>> writing = new ArrayList<>();
                for (Writer writer : writers) {
                    writing.add(CompletableFuture.runAsync(() -> write(writer, store), POOL));
                }
                for (CompletableFuture<Void> one : writing) {
                    one.get();
                }
            } catch (IOException | RuntimeException e) {
                expectDead(e);
            } finally {
                closeDead(cache);
            }
        }

        private void check(TreeStore store) {
            Map<Long, Long> found = TreeCheck.entries(store);
            for (Writer writer : writers) {
                committed += writer.check(found);
                writer.startAt(writer.begun());
            }
        }

        private void write(Writer writer, TreeStore store) {
            try {
                writer.run(store, STEPS_MAX, (id, steps) -> {});
            } catch (IOException | RuntimeException e) {
                expectDead(e);
            }
        }

        private void expectDead(Exception e) {
            if (!disk.dead() && !syncFailed) {
                throw new AssertionError("the disk is alive, and yet: " + e, e);
            }
        }

        private static void closeDead(PageCache cache) {
            try {
                cache.close();
            } catch (IOException | RuntimeException e) {
                // its files are no more
            }
        }
    }
}
