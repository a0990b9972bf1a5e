package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

final class WorkQueueTest {
    private static final int ROUNDS = 20_000;

    // The lost wake-up, step by step: the queue is empty when the taker looks, the request comes,
    // finds nobody asleep, and then the taker falls asleep.
    @Test
    void shouldSeeARequestOfferedAfterItsLastLook() throws InterruptedException {
        IoRequest early = new IoRequest(true);
        AtomicReference<@Nullable WorkQueue> holder = new AtomicReference<>();
        WorkQueue queue =
                new WorkQueue(
                        new ArrayBlockingQueue<>(4) {
                            private boolean offered;

                            @Override
                            public @Nullable IoRequest poll() {
                                IoRequest seen = super.poll();
                                if (!offered) {
                                    offered = true;
                                    Objects.requireNonNull(holder.get()).offer(early);
                                }
                                return seen;
                            }
                        });
        holder.set(queue);
        AtomicReference<@Nullable IoRequest> got = new AtomicReference<>();
        CountDownLatch over = new CountDownLatch(1);
        IoThread taker =
                new IoThread(
                        "taker",
                        () -> {
                            got.set(queue.take((IoThread) Thread.currentThread()));
                            over.countDown();
                        });
        queue.serve(List.of(taker));
        taker.start();
        assertThat(over.await(10, TimeUnit.SECONDS)).as("the taker sleeps on").isTrue();
        assertThat(got.get()).isSameAs(early);
    }

    // To wake another for what this thread is about to take would only move it to that one.
    @Test
    void shouldWakeNobodyForTheFirstRequestOfACompletion() throws InterruptedException {
        WorkQueue queue = new WorkQueue(8);
        IoThread other = new IoThread("other", () -> {});
        List<Boolean> asleep = new ArrayList<>();
        IoThread taker =
                new IoThread(
                        "taker",
                        () -> {
                            IoThread self = (IoThread) Thread.currentThread();
                            for (int i = 0; i < 2; i++) {
                                queue.take(self);
                                queue.offer(new IoRequest(true));
                                asleep.add(other.isAsleep());
                            }
                            queue.offer(new IoRequest(true));
                            asleep.add(other.isAsleep());
                        });
        queue.serve(List.of(taker, other));
        queue.offer(new IoRequest(true));
        queue.offer(new IoRequest(true));
        assertThat(queue.fallAsleep(other)).as("one of the two").isNotNull();
        taker.start();
        taker.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(asleep).as("a second one wakes").containsExactly(true, true, false);
    }

    @Test
    void shouldHandOverEveryRequest() throws InterruptedException {
        handOver(1, 1);
        handOver(2, 2);
        handOver(3, 7);
    }

    private static void handOver(int takerCount, int burst) throws InterruptedException {
        WorkQueue queue = new WorkQueue(8);
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        List<IoThread> takers = new ArrayList<>();
        for (int i = 0; i < takerCount; i++) {
            takers.add(new IoThread("taker-" + i, () -> takeAll(queue, taken, ended)));
        }
        queue.serve(takers);
        takers.forEach(Thread::start);

        IoRequest request = new IoRequest(true);
        int rounds = ROUNDS / burst;
        for (int round = 1; round <= rounds; round++) {
            for (int i = 0; i < burst; i++) {
                queue.offer(request);
            }
            long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (taken.get() != round * burst) {
                if (System.nanoTime() - deadlineNanos > 0) {
                    throw new AssertionError(
                            "a request was left: takers=" + takerCount + ", round=" + round);
                }
                Thread.onSpinWait();
            }
        }
        queue.close();
        for (IoThread taker : takers) {
            taker.join(TimeUnit.SECONDS.toMillis(10));
        }
        assertThat(ended).hasValue(takerCount);
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

    private static void takeAll(WorkQueue queue, AtomicInteger taken, AtomicInteger ended) {
        while (queue.take((IoThread) Thread.currentThread()) != null) {
            taken.incrementAndGet();
        }
        ended.incrementAndGet();
    }
}
