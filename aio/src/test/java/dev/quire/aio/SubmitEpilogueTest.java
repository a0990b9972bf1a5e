package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;

/** Completions that are faster than the end of the submit that caused them (S2.2). */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SubmitEpilogueTest {
    private static final Path PATH = Path.of("a.db");

    private final MemorySegment segment = Arena.ofAuto().allocate(100);

    // S2.2: the request is over, reported, and another's before the submit returns. Had the submit
    // looked at it once more, it would have changed the second life or told its completion.
    @Test
    void shouldNotTouchARequestThatLivesAgainBeforeItsSubmitReturns() throws Exception {
        try (AsyncIo io = io()) {
            SuddenLane lane = new SuddenLane(io.workers);
            io.workers.useRing(lane);
            Tally tally = new Tally(1);
            try (EngineFile file = file(io)) {
                file.read(segment, 7, tally);
            }
            assertThat(tally.calls).hasSize(1);
            assertThat(tally.calls.getFirst()).isEqualTo("sudden");
            assertThat(tally.bytes).containsExactly(100L);
            assertThat(lane.offers).isEqualTo(2);

            IoRequest again = Objects.requireNonNull(lane.again);
            assertThat(again.completion).isSameAs(lane.poison);
            assertThat(again.generation()).isEqualTo(lane.generation);
            assertThat(again.isRunning()).isTrue();
            lane.endSecondLife();
            assertThat(lane.poison.calls).isEmpty();
        }
    }

    // S2.1, S2.2: the operation is over inside the submit, the report is not on its stack.
    @Test
    void shouldNotReportOnTheStackOfASubmitThatFoundItselfLast() throws Exception {
        try (AsyncIo io = io()) {
            SuddenLane lane = new SuddenLane(io.workers);
            io.workers.useRing(lane);
            Thread submitter = Thread.currentThread();
            Thread[] reporter = new Thread[1];
            try (EngineFile file = file(io)) {
                file.read(segment, 0, (bytes, failure) -> reporter[0] = Thread.currentThread());
            }
            assertThat(reporter[0]).isNotNull().isNotSameAs(submitter);
            lane.endSecondLife();
        }
    }

    private static AsyncIo io() {
        return AsyncIo.open(
                AsyncIoConfig.builder()
                        .engine(Engine.THREAD_POOL)
                        .queueDepth(1)
                        .threads(1)
                        .build());
    }

    private static EngineFile file(AsyncIo io) {
        OpenOption[] options = {StandardOpenOption.READ, StandardOpenOption.WRITE};
        return new EngineFile(io, PATH, OpenMode.of(PATH, Set.of(options)), new ScriptedFile(1));
    }

    /** A lane that is over with a request at once, and begins the next life of it at once. */
    private static final class SuddenLane implements Lane {
        final Tally poison = new Tally(1);
        private final IoWorkers workers;
        int offers;
        @Nullable IoRequest again;
        int generation;

        SuddenLane(IoWorkers workers) {
            this.workers = workers;
        }

        @Override
        public void offer(IoRequest request) {
            offers++;
            IoThread thread =
                    new IoThread(
                            "sudden",
                            () -> {
                                if (request.isRunning()) {
                                    request.bytes = 100;
                                    request.finished(request.generation());
                                } else {
                                    workers.report(request);
                                    beginAgain();
                                }
                            });
            thread.start();
            thread.joinUninterruptibly();
        }

        /** Both sides let go, which they only can when nobody else has. */
        void endSecondLife() {
            IoRequest request = Objects.requireNonNull(again);
            assertThat(request.submitted(generation)).isFalse();
            assertThat(request.finished(generation)).isTrue();
            request.free();
            workers.abandon(request);
        }

        private void beginAgain() {
            IoRequest taken = workers.admit();
            taken.completion = poison;
            generation = taken.begin();
            again = taken;
        }

        @Override
        public boolean takes(IoRequest request) {
            return request.operation.transfers();
        }

        @Override
        public void close() {}
    }
}
