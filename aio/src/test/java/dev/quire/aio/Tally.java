package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A completion that writes down what it is told, for a number of requests. */
final class Tally implements IoCompletion {
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    final List<Long> bytes = Collections.synchronizedList(new ArrayList<>());
    final List<IoException> failures = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch left;

    Tally(int requests) {
        left = new CountDownLatch(requests);
    }

    @Override
    public void complete(long transferred, @Nullable IoException failure) {
        calls.add(Thread.currentThread().getName());
        bytes.add(transferred);
        if (failure != null) {
            failures.add(failure);
        }
        left.countDown();
    }

    void await() throws InterruptedException {
        assertThat(left.await(30, TimeUnit.SECONDS))
                .as("reports missing: %d", left.getCount())
                .isTrue();
    }
}
