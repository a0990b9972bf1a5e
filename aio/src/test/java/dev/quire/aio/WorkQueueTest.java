package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

final class WorkQueueTest {
    private static final int REQUESTS = 30_000;
    private static final int TAKERS = 3;

    // One request at a time and then bursts: every offer meets takers falling asleep.
    @Test
    void shouldNeverLoseAWakeUp() throws InterruptedException {
        for (int burst : new int[] {1, 2, 7}) {
            WorkQueue queue = new WorkQueue(8);
            Semaphore taken = new Semaphore(0);
            AtomicInteger ended = new AtomicInteger();
            List<IoThread> takers = new ArrayList<>();
            for (int i = 0; i < TAKERS; i++) {
                takers.add(new IoThread("taker-" + i, () -> takeAll(queue, taken, ended)));
            }
            queue.serve(takers);
            takers.forEach(Thread::start);

            IoRequest request = new IoRequest(true);
            for (int sent = 0; sent < REQUESTS; sent += burst) {
                for (int i = 0; i < burst; i++) {
                    queue.offer(request);
                }
                assertThat(taken.tryAcquire(burst, 20, TimeUnit.SECONDS))
                        .as("a request was left in the queue: burst=%d, sent=%d", burst, sent)
                        .isTrue();
            }
            queue.close();
            for (IoThread taker : takers) {
                taker.join(TimeUnit.SECONDS.toMillis(20));
            }
            assertThat(ended).hasValue(TAKERS);
        }
    }

    @Test
    void shouldIgnoreInterruptsOfItsThreads() throws InterruptedException {
        CountDownLatch looked = new CountDownLatch(1);
        boolean[] flag = new boolean[1];
        IoThread thread =
                new IoThread(
                        "io",
                        () -> {
                            Thread.currentThread().interrupt();
                            flag[0] = Thread.interrupted();
                            looked.countDown();
                        });
        thread.start();
        assertThat(looked.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(flag[0]).isFalse();
    }

    private static void takeAll(WorkQueue queue, Semaphore taken, AtomicInteger ended) {
        while (queue.take((IoThread) Thread.currentThread()) != null) {
            taken.release();
        }
        ended.incrementAndGet();
    }
}
