package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** A cache over a store with direct transfers. */
abstract class DirectFixture extends CacheFixture {
    /** What a direct transfer was told; a second report is an error. */
    static final class Outcome implements DirectCompletion {
        private final CompletableFuture<Long> future = new CompletableFuture<>();
        final AtomicInteger reports = new AtomicInteger();

        @Override
        public void complete(long bytes, @Nullable Throwable failure) {
            reports.incrementAndGet();
            if (failure == null) {
                future.complete(bytes);
            } else {
                future.completeExceptionally(failure);
            }
        }

        boolean isDone() {
            return future.isDone();
        }

        long get() throws IOException {
            try {
                return future.get(Running.DEADLINE_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new IOException(e.getCause());
            } catch (InterruptedException | TimeoutException e) {
                throw new AssertionError("no report in time", e);
            } finally {
                assertThat(reports.get()).isLessThanOrEqualTo(1);
            }
        }
    }

    static MemorySegment memory(long bytes) {
        return Arena.ofAuto().allocate(bytes, PAGE_BYTES);
    }

    /** Pages as {@link #write(long, long, long)} writes them. */
    static MemorySegment pages(long from, long count, long stamp) {
        MemorySegment memory = memory(count * PAGE_BYTES);
        for (long i = 0; i < count; i++) {
            long at = i * PAGE_BYTES;
            memory.set(ValueLayout.JAVA_LONG, at, from + i + stamp);
            memory.set(ValueLayout.JAVA_LONG, at + PAGE_BYTES - 8, from + i + stamp);
        }
        return memory;
    }

    static long position(long page) {
        return page * PAGE_BYTES;
    }

    /** Writes pages directly; {@link #read} finds each with its number plus the stamp. */
    final void writeDirect(long from, long count, long stamp) throws IOException {
        MemorySegment memory = pages(from, count, stamp);
        assertThat(file.writeDirect(memory, position(from))).isEqualTo(memory.byteSize());
    }

    final Outcome startWrite(long from, long count, long stamp) {
        Outcome outcome = new Outcome();
        file.writeDirect(pages(from, count, stamp), position(from), outcome);
        return outcome;
    }

    /** What a direct read finds of a page. */
    final long readDirect(long page) throws IOException {
        MemorySegment memory = memory(PAGE_BYTES);
        assertThat(file.readDirect(memory, position(page))).isEqualTo(PAGE_BYTES);
        long first = memory.get(ValueLayout.JAVA_LONG, 0);
        assertThat(memory.get(ValueLayout.JAVA_LONG, PAGE_BYTES - 8))
                .as("end of page %s", page)
                .isEqualTo(first);
        return first;
    }
}
