package dev.quire.simulation;

import dev.quire.allocator.OutOfFramesException;
import dev.quire.bench.run.DirectOption;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.WouldBlockException;
import dev.quire.simulation.disk.Image;
import dev.quire.simulation.disk.SimulatedDisk;
import dev.quire.simulation.disk.Treachery;
import dev.quire.simulation.machine.Limit;
import dev.quire.simulation.machine.Simulation;

import org.agrona.concurrent.AgentInvoker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * A run: a cache over a disk that lives through several crashes, and those who use it. Loaded by
 * the loader that weaves, started as the first thread of a simulation.
 */
public final class Players implements Runnable {
    private static final int LIVES = 4;

    /** In what a direct file's last page is written: blocks of the system's cache. */
    private static final int BLOCK_BYTES = 4096;

    private final Simulation simulation;
    private final Map<String, Long> done;
    private final SplittableRandom random;
    private final Chaos chaos;
    private final Storm storm;
    private final int pageBytes;
    private final SectorOracle oracle;
    private final LogFile log;
    private final Ledger ledger;
    private final OpenOption[] options;
    private SimulatedDisk disk;
    private boolean allClosed;
    private boolean ledgerEnds;

    /**
     * A run to be.
     *
     * @param simulation where it takes place
     * @param treachery what the disk does that no disk may do
     * @param minded whether pages of the ledger wait for its log
     * @param calm whether the disk is fast and never fails while there is power
     * @param done counts what was done
     */
    public Players(
            Simulation simulation,
            Treachery treachery,
            boolean minded,
            boolean calm,
            Map<String, Long> done) {
        this.simulation = simulation;
        this.done = done;
        random = simulation.random("players");
        chaos = new Chaos(simulation);
        storm = new Storm(simulation, calm, done);
        pageBytes = 4096 << random.nextInt(2);
        log = new LogFile(simulation.random("log"), done);
        ledger = new Ledger(pageBytes, simulation.random("ledger"), done, minded);
        boolean direct = chaos.direct();
        int stepBytes = storm.shortens() ? SectorOracle.SECTOR_BYTES : pageBytes;
        oracle = new SectorOracle(PageFile.sectors(pageBytes), direct ? BLOCK_BYTES : 1, stepBytes);
        options =
                direct
                        ? new OpenOption[] {
                            StandardOpenOption.WRITE, StandardOpenOption.CREATE, DirectOption.DIRECT
                        }
                        : new OpenOption[] {StandardOpenOption.WRITE, StandardOpenOption.CREATE};
        disk = new SimulatedDisk(storm, treachery, random.nextLong());
    }

    @Override
    public void run() {
        try {
            for (int life = 0; life < LIVES; life++) {
                live();
                disk = disk.found(new Random(random.nextLong()));
                check();
            }
            for (Limit limit : Limit.values()) {
                if (simulation.asked(limit) > 0) {
                    done.merge(limit.name(), simulation.asked(limit), Long::sum);
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    // ---- one life of the machine

    private void live() throws IOException, InterruptedException {
        boolean embedded = chaos.embedded();
        chaos.drawLimits();
        PageCacheConfig config = chaos.config(pageBytes, embedded);
        simulation
                .trace()
                .event(
                        20,
                        config.memoryBytes(),
                        () -> "a life: " + config.toString().replaceAll("@\\w+", ""));
        storm.crashAfter(chaos.requestsToCrash(), disk::crash);
        allClosed = false;
        PageCache cache = PageCache.create(config);
        Thread driver = embedded ? start("driver", () -> drive(cache)) : null;
        boolean filesClosed = false;
        try {
            use(cache);
            filesClosed = true;
        } catch (IOException | RuntimeException e) {
            mayBe(e);
        }
        cache.verify();
        close(cache, filesClosed);
        allClosed = true;
        if (driver != null) {
            driver.join();
        }
        disk.crash();
    }

    /** Closes the cache; what a file could not keep its own close has said already. */
    private void close(PageCache cache, boolean filesClosed) {
        SectorOracle.Mark mark = oracle.mark();
        try {
            cache.close();
            if (filesClosed && !disk.dead()) {
                oracle.settle(mark, 0, oracle.sectors()); // everything written is durable now
                done.merge("closed", 1L, Long::sum);
            }
        } catch (IOException | RuntimeException e) {
            mayBe(e);
        }
    }

    /** Runs the agents, when nobody else does. */
    private void drive(PageCache cache) {
        SplittableRandom pauses = simulation.random("driver");
        AgentInvoker agents = cache.agentInvoker();
        agents.start();
        while (!allClosed) {
            agents.invoke();
            simulation.sleep(1 + pauses.nextInt(2_000_000));
        }
    }

    private void use(PageCache cache) throws IOException, InterruptedException {
        try (PagedFile file = cache.open(disk.path("pages"), options);
                PagedFile records = cache.open(disk.path("log"), options);
                PagedFile accounts = cache.open(disk.path("accounts"), ledger.hooks(), options);
                PagedFile ledgersLog = cache.open(disk.path("ledgers"), options)) {
            compare(file, "pages");
            compare(records, "log");
            compare(accounts, "accounts");
            compare(ledgersLog, "ledgers");
            records.truncate(log.end());
            records.sync();
            ledger.recover(accounts, ledgersLog);
            int ends = chaos.stepsOfAPlayer();
            ledgerEnds = false;
            Thread forcer = start("forcer", () -> force(accounts, ledgersLog));
            int players = 1 + random.nextInt(4);
            PageFile shared = new PageFile(file, oracle, players);
            List<Thread> threads = new ArrayList<>();
            for (int id = 0; id < players; id++) {
                SplittableRandom own = random.split();
                PagePlayer player = new PagePlayer(cache, shared, id, own, done);
                int steps = chaos.stepsOfAPlayer();
                threads.add(start("player " + id, () -> play(player, steps)));
            }
            int steps = chaos.stepsOfAPlayer() / 4;
            threads.add(start("log", () -> append(records, steps)));
            threads.add(start("ledger", () -> transact(accounts, ledgersLog, ends)));
            for (Thread thread : threads) {
                thread.join();
            }
            ledgerEnds = true;
            forcer.join();
            if (!disk.dead()) {
                try (FileChannel channel = ledgersLog.channel()) {
                    ledger.forceLog(channel); // its pages could not be written without
                }
            }
        }
    }

    private Thread start(String name, Runnable task) {
        Thread thread =
                simulation
                        .threads()
                        .newThread(
                                () -> {
                                    try {
                                        task.run();
                                    } catch (RuntimeException | Error e) {
                                        simulation.fail(e);
                                    }
                                });
        thread.setName(name);
        thread.start();
        return thread;
    }

    private void play(PagePlayer player, int steps) {
        try {
            for (int i = 0; i < steps && !disk.dead(); i++) {
                try {
                    player.step();
                } catch (IOException | RuntimeException e) {
                    mayBe(e);
                }
            }
            player.close();
        } catch (IOException | RuntimeException e) {
            mayBe(e);
        }
    }

    private void append(PagedFile records, int steps) {
        try (FileChannel channel = records.channel()) {
            for (int i = 0; i < steps && !disk.dead(); i++) {
                log.step(records, channel);
                simulation.sleep(1 + random.nextLong(1_000_000));
            }
        } catch (IOException | RuntimeException e) {
            mayBe(e); // what it has appended is not known any more: until the next life, no more
        }
    }

    private void transact(PagedFile accounts, PagedFile ledgersLog, int steps) {
        try (FileChannel channel = ledgersLog.channel()) {
            for (int i = 0; i < steps && !disk.dead(); i++) {
                ledger.step(accounts, ledgersLog, channel);
            }
        } catch (IOException | RuntimeException e) {
            mayBe(e);
        }
    }

    /**
     * Goes on after a failure: pages of the ledger wait for it, and writers for them; when there is
     * no log any more they are given up.
     */
    private void force(PagedFile accounts, PagedFile ledgersLog) {
        SplittableRandom pauses = simulation.random("forcer");
        while (!ledgerEnds && !disk.dead()) {
            simulation.sleep(1 + pauses.nextInt(10_000_000));
            try (FileChannel channel = ledgersLog.channel()) {
                ledger.forceLog(channel);
            } catch (IOException | RuntimeException e) {
                mayBe(e);
            }
        }
        if (disk.dead()) {
            accounts.fence(new IOException("the ledger has no log any more"));
        }
    }

    /** Fails the run, unless a disk that fails, or that is gone, explains it. */
    private void mayBe(Exception e) {
        boolean disks =
                e instanceof IOException
                        || e instanceof UncheckedIOException
                        || e instanceof FileFencedException
                        || e instanceof WouldBlockException // the log could not be forced
                        || e instanceof OutOfFramesException;
        if (!disks || !(disk.dead() || storm.faulty())) {
            simulation.fail(e);
            return;
        }
        done.merge(e.getClass().getSimpleName(), 1L, Long::sum);
        if (e instanceof FileFencedException) {
            disk.crash(); // nothing can be made durable any more
        }
    }

    // ---- what is found

    /** The disk's own contents are what may be there. */
    private void check() {
        oracle.found(found("pages"));
        log.found(found("log"));
        ledger.found(found("accounts"), found("ledgers"));
        done.merge("crash", 1L, Long::sum);
    }

    private byte[] found(String name) {
        Image image = disk.image(name);
        return image == null ? new byte[0] : image.toBytes();
    }

    /** Through the cache the same is seen as on the disk. */
    private void compare(PagedFile file, String name) throws IOException {
        byte[] expected = found(name);
        if (file.sizeBytes() != expected.length) {
            throw new AssertionError(
                    "%s is %d bytes long, on the disk %d"
                            .formatted(name, file.sizeBytes(), expected.length));
        }
        byte[] page = new byte[pageBytes];
        try (PageCursor cursor = file.cursor()) {
            for (int i = 0; i < file.sizePages(); i++) {
                do {
                    cursor.read(i);
                    cursor.copyTo(0, MemorySegment.ofArray(page), 0, pageBytes);
                } while (cursor.retry());
                byte[] there = Arrays.copyOfRange(expected, i * pageBytes, (i + 1) * pageBytes);
                if (!Arrays.equals(page, there)) {
                    throw new AssertionError(name + ": page " + i + " is not what the disk holds");
                }
            }
        }
    }
}
