package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.UringSupport;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Every engine with faults between it and the system, and between it and its caller. */
@Timeout(value = 1800, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FaultsTest {
    private static final int BLOCK = FaultyStripe.BLOCK;
    private static final int OPERATIONS = Integer.getInteger("faults.requests", 3_000);
    private static final int STRIPES = 24;
    private static final int DEPTH = 16;

    @TempDir private Path directory;

    // S2.1, S2.6, S2.13: each accepted request completes once, with the right bytes or an error;
    // a refused one not at all; whatever happened, all places come back and close() ends.
    @ParameterizedTest
    @CsvSource({
        "URING, true",
        "URING, false",
        "THREAD_POOL, true",
        "THREAD_POOL, false",
        "CHANNEL, true",
        "CHANNEL, false"
    })
    void shouldKeepItsContractUnderEveryFault(Engine engine, boolean direct) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("FaultsTest " + engine + ", " + OPERATIONS + " requests -Dseed=" + seed);
        FaultPlan plan = everything(seed);
        try (Arena arena = Arena.ofShared()) {
            AsyncIo io = open(engine, plan);
            AsyncFile file = io.open(directory.resolve("file"), options(direct));
            BlockingQueue<FaultyStripe> idle = new LinkedBlockingQueue<>();
            List<FaultyStripe> stripes = new ArrayList<>();
            for (int i = 0; i < STRIPES; i++) {
                stripes.add(new FaultyStripe(file, arena, i, seed, idle));
            }
            idle.addAll(stripes);
            for (int i = 0; i < OPERATIONS; i++) {
                next(idle, seed).next();
            }
            for (int i = 0; i < STRIPES; i++) {
                next(idle, seed);
            }
            plan.off();
            for (FaultyStripe stripe : stripes) {
                assertThat(stripe.failure).as("seed=%d", seed).isNull();
                stripe.verify();
            }
            file.close();
            assertThat(io.workers.freeSlots()).isEqualTo(DEPTH);
            io.close();
            AsyncIoStats stats = io.stats();
            long refused = stripes.stream().mapToLong(stripe -> stripe.refused).sum();
            assertThat(stats.inFlight()).isZero();
            assertThat(stats.openFiles()).isZero();
            assertThat(stats.completionsThrown()).isZero();
            assertThat(stats.failed())
                    .isEqualTo(stripes.stream().mapToLong(stripe -> stripe.failed).sum())
                    .isPositive();
            assertThat(plan.injected(Fault.REFUSED)).isEqualTo(refused).isPositive();
            assertThat(stats.completionsIgnored())
                    .isEqualTo(plan.injected(Fault.DUPLICATED))
                    .isPositive();
            for (Fault fault : Fault.values()) {
                assertThat(plan.injected(fault)).as("%s, seed=%d", fault, seed).isPositive();
            }
        }
    }

    // S2.13
    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldWaitForLateRequestsWhenClosed(Engine engine) throws Exception {
        FaultPlan plan =
                FaultPlan.builder()
                        .probability(Fault.LATE, 0.5)
                        .probability(Fault.REORDERED, 1)
                        .build();
        Tally tally = new Tally(200);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment segment = arena.allocate(BLOCK, BLOCK);
            AsyncIo io = open(engine, plan);
            AsyncFile file = io.open(directory.resolve("file"), options(false));
            for (int i = 0; i < 200; i++) {
                file.write(segment, (long) i * BLOCK, tally);
            }
            io.close();
            assertThat(tally.calls).hasSize(200);
            assertThat(tally.failures).isEmpty();
            assertThat(plan.injected(Fault.LATE) + plan.injected(Fault.REORDERED)).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldReportThePlannedErrorAndGoOnAfterIt(Engine engine) throws Exception {
        FaultPlan plan =
                FaultPlan.builder()
                        .probability(Fault.EIO, 1)
                        .only(FaultPlan.Traffic.SYNCS)
                        .countMax(2)
                        .build();
        try (Arena arena = Arena.ofShared();
                AsyncIo io = open(engine, plan);
                AsyncFile file = io.open(directory.resolve("file"), options(true))) {
            assertThat(file.write(arena.allocate(BLOCK, BLOCK), 0)).isEqualTo(BLOCK);
            assertThatThrownBy(file::syncData)
                    .isInstanceOfSatisfying(
                            IoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO))
                    .hasMessageStartingWith("syncData failed: EIO (5): file=");
            Tally tally = new Tally(1);
            file.sync(tally);
            tally.await();
            assertThat(tally.failures).hasSize(1).allMatch(e -> e.errno() == Errno.EIO);
            file.sync();
            Tally again = new Tally(1);
            file.sync(again);
            again.await();
            assertThat(again.failures).isEmpty();
        }
    }

    // The sync of a durable write is a sync, wherever it is done.
    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldFailADurableWriteWhoseSyncIsToFail(Engine engine) throws Exception {
        FaultPlan plan =
                FaultPlan.builder().probability(Fault.EIO, 1).only(FaultPlan.Traffic.SYNCS).build();
        IoOptions durable = IoOptions.NONE.durability(WriteDurability.WRITE_THEN_SYNC);
        try (Arena arena = Arena.ofShared();
                AsyncIo io = open(engine, plan);
                AsyncFile file = io.open(directory.resolve("file"), options(true))) {
            Tally tally = new Tally(1);
            file.write(arena.allocate(BLOCK, BLOCK), 0, durable, tally);
            tally.await();
            assertThat(tally.failures).hasSize(1).allMatch(e -> e.errno() == Errno.EIO);
        }
    }

    // Faults that the engine is to absorb do not show.
    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldHideWhatPasses(Engine engine) throws Exception {
        FaultPlan plan =
                FaultPlan.builder()
                        .probability(Fault.SHORT_TRANSFER, 0.5)
                        .probability(Fault.EINTR, 0.2)
                        .probability(Fault.EAGAIN, 0.05)
                        .build();
        try (Arena arena = Arena.ofShared();
                AsyncIo io = open(engine, plan);
                AsyncFile file = io.open(directory.resolve("file"), options(true))) {
            MemorySegment written = arena.allocate(64L * BLOCK, BLOCK);
            byte[] content = new byte[64 * BLOCK];
            new Random(1).nextBytes(content);
            written.copyFrom(MemorySegment.ofArray(content));
            MemorySegment read = arena.allocate(64L * BLOCK, BLOCK);
            for (int i = 0; i < 20; i++) {
                Tally tally = new Tally(1);
                file.write(written, 0, tally);
                tally.await();
                assertThat(tally.bytes).containsExactly(written.byteSize());
                read.fill((byte) 0);
                assertThat(file.read(read, 0)).isEqualTo((int) read.byteSize());
                assertThat(read.mismatch(written)).isEqualTo(-1);
            }
            assertThat(io.stats().transfersResumed())
                    .isGreaterThanOrEqualTo(plan.injected(Fault.SHORT_TRANSFER))
                    .isPositive();
            assertThat(plan.injected(Fault.EINTR)).isPositive();
        }
    }

    private static FaultPlan everything(long seed) {
        return FaultPlan.builder()
                .seed(seed)
                .probability(Fault.SHORT_TRANSFER, 0.2)
                .probability(Fault.EAGAIN, 0.02)
                .probability(Fault.EINTR, 0.05)
                .probability(Fault.EIO, 0.03)
                .probability(Fault.ENOSPC, 0.03)
                .probability(Fault.LATE, 0.05)
                .probability(Fault.REORDERED, 0.2)
                .probability(Fault.DUPLICATED, 0.2)
                .probability(Fault.REFUSED, 0.05)
                .build();
    }

    private static FaultyStripe next(BlockingQueue<FaultyStripe> idle, long seed)
            throws InterruptedException {
        FaultyStripe stripe = idle.poll(30, TimeUnit.SECONDS);
        assertThat(stripe).as("a request was lost: seed=%d", seed).isNotNull();
        return Objects.requireNonNull(stripe);
    }

    private static AsyncIo open(Engine engine, FaultPlan plan) {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        return AsyncIo.open(
                AsyncIoConfig.builder()
                        .engine(engine)
                        .queueDepth(DEPTH)
                        .threads(3)
                        .faults(plan)
                        .build());
    }

    private static OpenOption[] options(boolean direct) throws IOException {
        OpenOption[] buffered = {
            StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE
        };
        return direct
                ? new OpenOption[] {buffered[0], buffered[1], buffered[2], DirectOption.DIRECT}
                : buffered;
    }
}
