package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.aio.Fault;
import dev.quire.aio.FaultPlan;
import dev.quire.pagecache.backing.PageHooks;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Direct reads and writes of real files, on every engine, with and without DIRECT. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DirectFileTest {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int BLOCKS = 200;

    @TempDir Path directory;

    static List<Arguments> kinds() {
        List<Arguments> kinds = new ArrayList<>();
        for (Engine engine : Engine.values()) {
            kinds.add(Arguments.of(engine, false));
            kinds.add(Arguments.of(engine, true));
        }
        return kinds;
    }

    private static PageCache cache(AsyncIoConfig io) {
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes(64 * PAGE_BYTES)
                        .pageBytes(PAGE_BYTES)
                        .io(io)
                        .dirtyAge(Duration.ofMillis(50))
                        .build());
    }

    private PagedFile open(PageCache cache, boolean direct) throws IOException {
        List<OpenOption> options =
                new ArrayList<>(List.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE));
        if (direct) {
            options.add(RealFileTest.direct());
        }
        try {
            return cache.open(directory.resolve("file"), options.toArray(OpenOption[]::new));
        } catch (IOException e) {
            return direct ? abort("no direct I/O here: " + e.getMessage()) : rethrow(e);
        }
    }

    private static PagedFile rethrow(IOException e) throws IOException {
        throw e;
    }

    private static MemorySegment block(int bytes, long stamp) {
        MemorySegment block = DirectFixture.memory(bytes);
        for (long at = 0; at < bytes; at += 8) {
            block.set(ValueLayout.JAVA_LONG, at, stamp * 1_000_003 + at);
        }
        return block;
    }

    @ParameterizedTest(name = "{0}, direct {1}")
    @MethodSource("kinds")
    void shouldHaveInTheFileWhatWasWrittenBothWays(Engine engine, boolean direct) throws Exception {
        try (PageCache cache = cache(AsyncIoConfig.builder().engine(engine).build())) {
            PagedFile file = open(cache, direct);
            assertThat(file.directAlignment()).isLessThanOrEqualTo(PAGE_BYTES);
            assertThat(file.directAlignment() == 1).isEqualTo(!file.direct());
            int unit = Math.max(512, file.directAlignment());
            List<DirectFixture.Outcome> outcomes = new ArrayList<>();
            for (int i = 0; i < BLOCKS; i++) {
                if (i % 5 == 4) {
                    file.writeDirect(block(unit, i), (long) i * unit);
                } else {
                    DirectFixture.Outcome outcome = new DirectFixture.Outcome();
                    file.writeDirect(block(unit, i), (long) i * unit, outcome, Runnable::run);
                    outcomes.add(outcome);
                }
            }
            for (DirectFixture.Outcome outcome : outcomes) {
                assertThat(outcome.get()).isEqualTo(unit);
            }
            assertThat(file.sizeBytes()).isEqualTo((long) BLOCKS * unit);
            try (PageCursor c = file.cursor()) {
                c.write(1);
                c.putLong(8, 4711);
                c.release();
            }
            for (int i = 0; i < BLOCKS; i++) {
                MemorySegment into = DirectFixture.memory(unit);
                DirectFixture.Outcome outcome = new DirectFixture.Outcome();
                file.readDirect(into, (long) i * unit, outcome);
                assertThat(outcome.get()).isEqualTo(unit);
                MemorySegment expected = block(unit, i);
                if ((long) i * unit == PAGE_BYTES) {
                    expected.set(ValueLayout.JAVA_LONG, 8, 4711);
                }
                assertThat(into.mismatch(expected)).as("block %s", i).isEqualTo(-1);
            }
            file.close();
            assertThat(Files.size(directory.resolve("file"))).isEqualTo((long) BLOCKS * unit);
            cache.verify();
        }
    }

    /** The file ends inside a block: what is there of it is read, a whole block can be written. */
    @ParameterizedTest(name = "{0}, direct {1}")
    @MethodSource("kinds")
    void shouldReadAndWriteAtAnEndThatIsNotAligned(Engine engine, boolean direct) throws Exception {
        try (PageCache cache = cache(AsyncIoConfig.builder().engine(engine).build())) {
            PagedFile file = open(cache, direct);
            int unit = Math.max(512, file.directAlignment());
            try (PageCursor c = file.cursor()) {
                c.write(1);
                c.putLong(96, 5);
                c.release();
            }
            file.truncate(PAGE_BYTES + 104);
            MemorySegment into = DirectFixture.memory(unit);
            assertThat(file.readDirect(into, PAGE_BYTES)).isEqualTo(104);
            assertThat(into.get(ValueLayout.JAVA_LONG, 96)).isEqualTo(5);
            file.sync();
            assertThat(Files.size(directory.resolve("file"))).isEqualTo(PAGE_BYTES + 104);
            assertThat(file.readDirect(into, PAGE_BYTES)).isEqualTo(104);
            file.writeDirect(block(unit, 9), PAGE_BYTES);
            assertThat(file.sizeBytes()).isEqualTo(PAGE_BYTES + unit);
            try (PageCursor c = file.cursor()) {
                c.pin(1);
                assertThat(c.segment().asSlice(0, unit).mismatch(block(unit, 9))).isEqualTo(-1);
            }
            file.close();
            assertThat(Files.size(directory.resolve("file"))).isEqualTo(PAGE_BYTES + unit);
        }
    }

    /** S2.5, S2.6: transfers that come in parts, and errors: one report each, whole or failed. */
    @Test
    void shouldReportEachTransferOnceUnderFaults() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        FaultPlan plan =
                FaultPlan.builder()
                        .seed(seed)
                        .probability(Fault.SHORT_TRANSFER, 0.2)
                        .probability(Fault.EIO, 0.05)
                        .probability(Fault.EAGAIN, 0.05)
                        .probability(Fault.LATE, 0.05)
                        .probability(Fault.DUPLICATED, 0.05)
                        .probability(Fault.REFUSED, 0.02)
                        .build();
        System.out.println("DirectFileTest -Dseed=" + seed + " " + plan);
        Random random = new Random(seed);
        try (PageCache cache = cache(AsyncIoConfig.builder().faults(plan).build())) {
            PagedFile file = open(cache, false);
            int failed = 0;
            for (int round = 0; round < 100; round++) {
                List<DirectFixture.Outcome> outcomes = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    long position = random.nextInt(50) * 512L;
                    DirectFixture.Outcome write = new DirectFixture.Outcome();
                    DirectFixture.Outcome read = new DirectFixture.Outcome();
                    file.writeDirect(block(1024, i), position, write);
                    file.readDirect(DirectFixture.memory(1024), position, read);
                    outcomes.add(write);
                    outcomes.add(read);
                }
                for (int i = 0; i < outcomes.size(); i++) {
                    try {
                        long bytes = outcomes.get(i).get();
                        assertThat(bytes).isBetween(i % 2 == 0 ? 1024L : 0L, 1024L);
                    } catch (IOException e) {
                        failed++;
                    }
                    assertThat(outcomes.get(i).reports).hasValue(1);
                }
            }
            assertThat(failed).isBetween(1, 800);
            plan.off();
            closeAtLast(file);
        }
    }

    private static void closeAtLast(PagedFile file) {
        for (int tries = 0; tries < 100; tries++) {
            try {
                file.close();
                return;
            } catch (IOException | RuntimeException e) {
                if (tries == 99) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    // ---- hooks

    @Test
    void shouldRefuseToPassHooksByUnlessTheyAllowIt() throws IOException {
        try (PageCache cache = cache(AsyncIoConfig.builder().build())) {
            Path path = directory.resolve("hooked");
            OpenOption[] options = {StandardOpenOption.WRITE, StandardOpenOption.CREATE};
            PagedFile checked = cache.open(path, new PageHooks() {}, options);
            assertThatThrownBy(() -> checked.writeDirect(DirectFixture.memory(512), 0))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("allowsDirect")
                    .hasMessageContaining("hooked");
            assertThatThrownBy(() -> checked.readDirect(DirectFixture.memory(512), 0))
                    .isInstanceOf(UnsupportedOperationException.class);
            checked.close();
            PageHooks allows =
                    new PageHooks() {
                        @Override
                        public boolean allowsDirect() {
                            return true;
                        }
                    };
            try (PagedFile open = cache.open(path, allows, options)) {
                assertThat(open.writeDirect(block(512, 1), 0)).isEqualTo(512);
            }
        }
    }

    @Test
    void shouldRefuseWritesOfAHandleThatIsReadOnly() throws IOException {
        Path path = Files.write(directory.resolve("read-only"), new byte[8192]);
        try (PageCache cache = cache(AsyncIoConfig.builder().build());
                PagedFile file = cache.open(path, StandardOpenOption.READ)) {
            assertThat(file.readDirect(DirectFixture.memory(4096), 4096)).isEqualTo(4096);
            assertThatThrownBy(() -> file.writeDirect(DirectFixture.memory(512), 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("reading only");
        }
    }
}
