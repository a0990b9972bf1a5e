package dev.quire.pagecache.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.Running;

import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicInteger;

/** Who holds latches: only the holders of the calling thread are asked. */
class LatchHoldersTest {
    private final LatchHolders holders = new LatchHolders();
    private final AtomicInteger asked = new AtomicInteger();

    private final class Fake implements LatchHolders.Holder {
        private final boolean latched;

        Fake(boolean latched) {
            this.latched = latched;
        }

        @Override
        public boolean latchedByCurrentThread() {
            asked.incrementAndGet();
            return latched;
        }

        @Override
        public int latchedFrame() {
            return 7;
        }

        @Override
        public void giveWay() {}
    }

    private static long me() {
        return Thread.currentThread().threadId();
    }

    @Test
    void shouldAskTheHoldersOfTheCallingThreadOnly() throws Exception {
        for (int i = 0; i < 1000; i++) {
            holders.add(new Fake(false), 0);
        }
        Running.run(
                        () -> {
                            assertThat(holders.anyMine()).isFalse();
                            assertThat(asked).hasValue(0);
                            holders.add(new Fake(true), 0);
                            assertThat(holders.anyMine()).isTrue();
                            assertThat(asked).hasValue(1);
                            assertThatThrownBy(() -> holders.checkNotMine(7))
                                    .isInstanceOf(IllegalStateException.class);
                            holders.checkNotMine(8);
                        })
                .get();
        assertThat(holders.anyMine()).isFalse();
    }

    @Test
    void shouldMoveAHolderWithTheCursorToAnotherThreadAndForgetIt() throws Exception {
        Fake holder = new Fake(true);
        holders.add(holder, 0);
        long before = me();
        long now =
                Running.start(
                                () -> {
                                    holders.add(holder, before);
                                    assertThat(holders.anyMine()).isTrue();
                                    return me();
                                })
                        .get();
        assertThat(holders.anyMine()).isFalse();
        assertThat(holders.threads()).isEqualTo(1);
        holders.remove(holder, now);
        assertThat(holders.threads()).as("nothing is left of ended threads").isZero();
    }
}
