package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.CompletableFuture;

/** Who waits for his own request waits for its end, since it uses his memory until then. */
@Timeout(60)
final class BlockingWaitTest {
    @ParameterizedTest(name = "virtual: {0}")
    @ValueSource(booleans = {false, true})
    void shouldWaitThroughAnInterruptAndKeepIt(boolean virtual) throws Exception {
        CompletableFuture<BlockingWait> made = new CompletableFuture<>();
        CompletableFuture<Boolean> interruptedAfterwards = new CompletableFuture<>();
        Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
        Thread waiter =
                builder.start(
                        () -> {
                            try {
                                BlockingWait wait = new BlockingWait();
                                made.complete(wait);
                                assertThat(wait.await()).isEqualTo(7);
                                interruptedAfterwards.complete(Thread.interrupted());
                            } catch (IoException | AssertionError e) {
                                interruptedAfterwards.completeExceptionally(e);
                            }
                        });
        BlockingWait wait = made.get();
        for (int time = 0; time < 3; time++) {
            waiter.interrupt();
            while (waiter.isInterrupted() && waiter.isAlive()) { // until it has taken notice
                Thread.onSpinWait();
            }
            assertThat(interruptedAfterwards).as("it waits on").isNotDone();
        }
        wait.complete(7, null);
        assertThat(interruptedAfterwards.get()).as("the interrupt is kept").isTrue();
    }

    @Test
    void shouldAnswerAtOnceWhatIsOverAlready() throws IoException {
        BlockingWait wait = new BlockingWait();
        wait.complete(3, null);
        assertThat(wait.await()).isEqualTo(3);
    }
}
