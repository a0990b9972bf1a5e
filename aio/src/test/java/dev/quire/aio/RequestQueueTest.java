package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

final class RequestQueueTest {
    @Test
    void shouldBeFullAndEmptyExactly() {
        RequestQueue queue = new RequestQueue(2);
        IoRequest request = new IoRequest(true);
        assertThat(queue.poll()).isNull();
        for (int lap = 0; lap < 5; lap++) {
            assertThat(queue.offer(request)).isTrue();
            assertThat(queue.offer(request)).isTrue();
            assertThat(queue.offer(request)).as("full").isFalse();
            assertThat(queue.poll()).isSameAs(request);
            assertThat(queue.poll()).isSameAs(request);
            assertThat(queue.poll()).isNull();
        }
    }

    // As many requests as places go round: none may be refused or lost, whoever is preempted where.
    @Test
    void shouldNeitherRefuseNorLoseARequestThatHasAPlace() throws InterruptedException {
        int places = 4;
        RequestQueue queue = new RequestQueue(places);
        List<IoRequest> requests = new ArrayList<>();
        for (int i = 0; i < places; i++) {
            requests.add(new IoRequest(true));
            assertThat(queue.offer(requests.get(i))).isTrue();
        }
        AtomicInteger refused = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int round = 0; round < 5_000; round++) {
                                            IoRequest taken = queue.poll();
                                            if (taken != null && !queue.offer(taken)) {
                                                refused.incrementAndGet();
                                            }
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(refused).hasValue(0);
        List<IoRequest> left = new ArrayList<>();
        for (IoRequest next = queue.poll(); next != null; next = queue.poll()) {
            left.add(next);
        }
        assertThat(left).containsExactlyInAnyOrderElementsOf(requests);
    }
}
