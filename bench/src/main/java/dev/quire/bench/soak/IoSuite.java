package dev.quire.bench.soak;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.AsyncIo;
import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.AsyncIoStats;
import dev.quire.aio.Engine;
import dev.quire.aio.Fault;
import dev.quire.aio.FaultPlan;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.bench.console.Failures;
import dev.quire.bench.run.DirectOption;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** An engine, another each time, under faults of all kinds: no byte and no request is lost. */
final class IoSuite implements Suite {
    private static final int DEPTH = 64;
    private static final int ZONES = DEPTH + 8; // more than the queue takes: some always wait
    private static final int FRAME_BYTES = 1 << 12;
    private static final int SYNCS_ONE_IN = 2048;
    private static final Engine[] ENGINES = {
        Engine.AUTO, Engine.THREAD_POOL, Engine.AUTO, Engine.CHANNEL
    };

    private final SoakHooks hooks;

    IoSuite(SoakHooks hooks) {
        this.hooks = hooks;
    }

    @Override
    public Counts run(Turn turn) throws IOException, InterruptedException {
        // It tells of each event that comes twice, of which there are many here, as planned.
        Logger log = Logger.getLogger(AsyncIo.class.getName());
        Level before = log.getLevel();
        log.setLevel(Level.OFF);
        try {
            return runQuietly(turn);
        } finally {
            log.setLevel(before);
        }
    }

    private Counts runQuietly(Turn turn) throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(turn.seed());
        Engine engine = ENGINES[random.nextInt(ENGINES.length)];
        byte[] shadow = new byte[ZONES * IoSoak.ZONE_BYTES];
        random.nextBytes(shadow);
        Path path = Files.createTempFile(turn.folder(), "io-", ".bytes");
        Files.write(path, shadow);
        FaultPlan plan = plan(turn.seed());
        List<String> wrong = new ArrayList<>();
        IoSoak soak;
        try (PageAllocator allocator = allocator()) {
            int free = allocator.freeFrames();
            AsyncIo io =
                    AsyncIo.open(
                            AsyncIoConfig.builder()
                                    .engine(engine)
                                    .queueDepth(DEPTH)
                                    .faults(plan)
                                    .build());
            try (io;
                    AsyncFile file = io.open(path, options(turn.direct()))) {
                soak =
                        new IoSoak(
                                file,
                                allocator,
                                MemorySegment.ofArray(shadow),
                                turn.seed(),
                                SYNCS_ONE_IN,
                                true);
                soak.run((long) (turn.seconds() * TimeUnit.SECONDS.toNanos(1)));
            }
            hooks.beforeCheck(path);
            soak.verify(MemorySegment.ofArray(Files.readAllBytes(path)));
            soak.failures().forEach(failure -> wrong.add(text(failure)));
            AsyncIoStats stats = io.stats();
            require(wrong, stats.submitted() == stats.completed(), "unanswered: " + stats);
            require(
                    wrong,
                    soak.refused() == plan.injected(Fault.REFUSED),
                    "refused %d submits, planned %d"
                            .formatted(soak.refused(), plan.injected(Fault.REFUSED)));
            // A zone that failed keeps its frames.
            require(
                    wrong,
                    !soak.failures().isEmpty() || allocator.freeFrames() == free,
                    "%d frames must be free and %d are".formatted(free, allocator.freeFrames()));
            allocator.verify();
        }
        if (wrong.isEmpty()) {
            Files.delete(path);
        }
        return new Counts(soak.operations(), wrong);
    }

    private static void require(List<String> wrong, boolean holds, String otherwise) {
        if (!holds) {
            wrong.add(otherwise);
        }
    }

    private static String text(Throwable failure) {
        Throwable cause = failure.getCause();
        return Failures.describe(failure) + (cause == null ? "" : ": " + Failures.describe(cause));
    }

    private static FaultPlan plan(long seed) {
        return FaultPlan.builder()
                .seed(seed)
                .probability(Fault.SHORT_TRANSFER, 0.05)
                .probability(Fault.EINTR, 0.02)
                .probability(Fault.EAGAIN, 0.005)
                .probability(Fault.EIO, 0.005)
                .probability(Fault.ENOSPC, 0.005)
                .probability(Fault.LATE, 0.002)
                .probability(Fault.REORDERED, 0.05)
                .probability(Fault.DUPLICATED, 0.02)
                .probability(Fault.REFUSED, 0.005)
                .build();
    }

    private static OpenOption[] options(boolean direct) {
        List<OpenOption> options =
                new ArrayList<>(List.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
        if (direct) {
            options.add(DirectOption.DIRECT);
        }
        return options.toArray(OpenOption[]::new);
    }

    private static PageAllocator allocator() {
        return PageAllocator.create(
                AllocatorConfig.builder()
                        .pageBytes(FRAME_BYTES)
                        .capacityBytes(2L * ZONES * IoSoak.ZONE_BYTES + (16 << 20))
                        .build());
    }
}
