package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

final class RingInboxTest {
    private final AtomicInteger rings = new AtomicInteger();
    private final IoRequest request = new IoRequest(true);
    private final RingInbox inbox = new RingInbox(4, rings::incrementAndGet);

    @Test
    void shouldNotSleepOverARequestOfferedAfterItsLastPoll() {
        assertThat(inbox.poll()).isNull();
        inbox.offer(request);
        assertThat(inbox.fallAsleep(false)).isFalse();
        inbox.wakeUp();
        assertThat(rings).hasValue(0);
        assertThat(inbox.ringsPromised()).isZero();
        assertThat(inbox.poll()).isSameAs(request);
    }

    // The lost wake-up, step by step: the owner has looked, the request comes, the owner sleeps.
    @Test
    void shouldRingForARequestOfferedAfterItsLastLook() {
        OfferAfterLook queue = new OfferAfterLook();
        RingInbox racing = new RingInbox(queue, rings::incrementAndGet);
        queue.inbox = racing;
        assertThat(racing.fallAsleep(false)).isTrue();
        assertThat(rings).hasValue(1);
        racing.wakeUp();
        assertThat(racing.ringsPromised()).isEqualTo(1);
    }

    @Test
    void shouldRingOnceASleep() {
        for (int sleep = 1; sleep <= 3; sleep++) {
            assertThat(inbox.fallAsleep(false)).isTrue();
            inbox.offer(request);
            inbox.offer(request);
            assertThat(rings).hasValue(sleep);
            inbox.wakeUp();
            inbox.offer(request);
            assertThat(rings).hasValue(sleep);
            assertThat(inbox.ringsPromised()).isEqualTo(sleep);
            while (inbox.poll() != null) {} // bound: three
        }
    }

    @Test
    void shouldEndTheSleepWhenItIsClosed() {
        assertThat(inbox.fallAsleep(false)).isTrue();
        inbox.close();
        assertThat(rings).hasValue(1);
        inbox.wakeUp();
        assertThat(inbox.fallAsleep(false)).isFalse();
        inbox.wakeUp();
        assertThat(inbox.ringsPromised()).isEqualTo(1);
    }

    @Test
    void shouldEndTheSleepForACommandAndForALookAtAborts() {
        assertThat(inbox.fallAsleep(false)).isTrue();
        Runnable command = () -> {};
        inbox.command(command);
        assertThat(rings).hasValue(1);
        inbox.wakeUp();
        assertThat(inbox.fallAsleep(false)).isFalse();
        inbox.wakeUp();
        assertThat(inbox.pollCommand()).isSameAs(command);
        assertThat(inbox.pollCommand()).isNull();
        assertThat(inbox.fallAsleep(false)).isTrue();
        inbox.lookForAborts();
        assertThat(rings).hasValue(2);
        inbox.wakeUp();
        assertThat(inbox.fallAsleep(false)).isFalse();
        inbox.wakeUp();
        assertThat(inbox.takeAbortsWanted()).isTrue();
        assertThat(inbox.takeAbortsWanted()).isFalse();
        assertThat(inbox.fallAsleep(false)).isTrue();
        inbox.wakeUp();
    }

    // Otherwise a ring without room would spin until one of its requests is over.
    @Test
    void shouldSleepOverRequestsWhileThereIsNoRoomButNotOverCommands() {
        inbox.offer(request);
        assertThat(inbox.fallAsleep(true)).isTrue();
        inbox.wakeUp();
        inbox.command(() -> {});
        assertThat(inbox.fallAsleep(true)).isFalse();
        inbox.wakeUp();
    }

    @Test
    void shouldTellWhenItIsOfferedMoreThanItsAdmission() {
        for (int i = 0; i < 4; i++) {
            inbox.offer(request);
        }
        assertThatThrownBy(() -> inbox.offer(request))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("ring inbox over its admission: requests=4");
    }

    /** A queue to which a request comes just after its owner has seen it empty. */
    private final class OfferAfterLook extends ArrayBlockingQueue<IoRequest> {
        private static final long serialVersionUID = 1;

        private transient RingInbox inbox = RingInboxTest.this.inbox;

        OfferAfterLook() {
            super(4);
        }

        @Override
        public boolean isEmpty() {
            boolean seen = super.isEmpty();
            inbox.offer(request);
            return seen;
        }
    }
}
