package dev.quire.bench.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.aio.WriteDurability;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

final class TurnTest {
    private static final IoShape SHAPE =
            new IoShape(IoPattern.RANDREAD, 4096, 1, 1, false, WriteDurability.NONE, 0.3);

    @Test
    void shouldCountFailedAndShortRequestsAsErrorsAndNotAsRequests() throws IOException {
        Turn turn = new Turn("broken", SHAPE, 1);
        AtomicInteger made = new AtomicInteger();

        IoResult result =
                turn.run(
                        () ->
                                loop(
                                        turn,
                                        () -> {
                                            boolean even = made.getAndIncrement() % 2 == 0;
                                            return even
                                                    ? turn.completed(
                                                            1, -1, new IOException("EIO (5)"))
                                                    : turn.completed(1, 512, null);
                                        }));

        assertThat(result.iops()).isZero();
        assertThat(result.errors()).isEqualTo(made.get());
        assertThat(result.firstError()).isEqualTo("EIO (5)");
    }

    @Test
    void shouldMeasureNothingOfTheWarmUp() throws IOException {
        Turn turn = new Turn("slow at first", SHAPE, 1);

        IoResult result =
                turn.run(
                        () -> {
                            assertThat(turn.completed(1_000_000_000, 4096, null)).isTrue();
                            loop(turn, () -> turn.completed(1000, 4096, null));
                        });

        assertThat(result.iops()).isPositive();
        assertThat(result.latency().maxNanos()).isLessThan(1_000_000);
        assertThat(result.errors()).isZero();
        assertThat(result.bytesPerSecond()).isEqualTo(result.iops() * 4096);
    }

    @Test
    void shouldThrowWhatASlotCouldNotDo() {
        Turn turn = new Turn("refused", SHAPE, 1);
        assertThatThrownBy(() -> turn.run(() -> turn.ended(new IllegalStateException("closed"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("closed");
    }

    /** One completed request; whether there is another one. */
    @FunctionalInterface
    private interface Request {
        boolean run();
    }

    private static void loop(Turn turn, Request request) {
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            while (request.run()) {
                                Thread.onSpinWait();
                            }
                            turn.ended();
                        });
    }
}
