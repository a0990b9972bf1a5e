package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.Tracking;
import dev.quire.pagecache.backing.CloseTimeoutException;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.core.Signal;

import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Whose threads a cache runs on, and how long its end takes. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ThreadingTest {
    private static final int PAGE_BYTES = 4096;

    private final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);

    private static PageCacheConfig.Builder config() {
        return PageCacheConfig.builder()
                .memoryBytes(64 * PAGE_BYTES)
                .pageBytes(PAGE_BYTES)
                .dirtyPercent(20, 40)
                .dirtyAge(Duration.ofHours(1));
    }

    private static void write(PagedFile file, long page) {
        try (PageCursor c = file.cursor()) {
            c.write(page);
            c.putLong(0, page);
            c.release();
        }
    }

    private static List<String> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .sorted()
                .toList();
    }

    @Test
    void shouldRunItsAgentsInThreadsOfTheFactoryWithNamesAndIdlingAsTold() throws Exception {
        AtomicInteger made = new AtomicInteger();
        AtomicInteger idles = new AtomicInteger();
        Threading threading =
                Threading.own()
                        .named("mine-")
                        .threads(
                                task -> {
                                    made.incrementAndGet();
                                    Thread thread = new Thread(task);
                                    thread.setDaemon(true);
                                    return thread;
                                })
                        .idling(
                                () -> {
                                    idles.incrementAndGet();
                                    return new SleepingMillisIdleStrategy(1);
                                });
        try (PageCache cache = PageCache.create(config().threading(threading).build())) {
            assertThat(threads("mine-")).containsExactly("mine-flusher", "mine-reclaimer");
            assertThat(made).hasValue(2);
            assertThat(idles).hasValue(2);
            PagedFile file = cache.map("one", backing);
            for (long page = 0; page < 300; page++) {
                write(file, page);
            }
            assertThat(cache.stats().evictions()).isPositive();
            assertThat(threads("mine-store-")).as("threads that wait for stores").isNotEmpty();
            assertThat(made).hasValueGreaterThan(2);
            assertThatThrownBy(cache::agents)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Threading.embedded()");
            cache.verify();
        }
        Running.until("threads ended", () -> threads("mine-").isEmpty());
    }

    @Test
    void shouldBeDrivenByTheProgramThatEmbedsIt() throws Exception {
        PageCache cache =
                PageCache.create(config().threading(Threading.embedded().named("guest-")).build());
        assertThat(threads("guest-")).isEmpty();
        assertThat(cache.agents().stream().map(Agent::roleName))
                .containsExactly("guest-flusher", "guest-reclaimer");
        AgentInvoker invoker = cache.agentInvoker();
        invoker.start();
        PagedFile file = cache.map("one", backing);
        for (long page = 0; page < 16; page++) {
            write(file, page);
        }
        assertThat(backing.writes).as("nobody runs the flusher").hasValue(0);
        invoker.invoke();
        Running.until("written", () -> backing.writes.get() == 16);
        cache.verify();
        cache.close();
        assertThat(invoker.invoke()).as("after the end").isZero();
    }

    /** One thread that does everything must not wait for itself to run the agents. */
    @Test
    void shouldRunTheAgentsOfAnEmbeddedCacheWhoeverHasToWaitForThem() throws Exception {
        try (PageCache cache = PageCache.create(config().threading(Threading.embedded()).build())) {
            PagedFile file = cache.map("one", backing);
            for (long page = 0; page < 500; page++) {
                write(file, page);
            }
            assertThat(cache.stats().evictions()).isPositive();
            assertThat(cache.stats().stalls()).isPositive();
            cache.verify();
        }
        assertThat(backing.durable(499)[0]).isEqualTo((byte) (499 & 0xFF));
    }

    /** The thread is the program's: what tells it to stop may come while it runs an agent. */
    @Test
    void shouldKeepAnInterruptThatComesDuringATurnOfAnEmbeddedAgent() throws Exception {
        CacheAgents agents = new CacheAgents(Threading.embedded());
        agents.add(
                new Agent() {
                    @Override
                    public int doWork() {
                        Thread.currentThread().interrupt();
                        return 1;
                    }

                    @Override
                    public String roleName() {
                        return "interrupted";
                    }
                },
                new Signal(1_000_000));
        agents.embedded().getFirst().doWork();
        assertThat(Thread.interrupted()).isTrue();
        agents.end();
    }

    @Test
    void shouldTellTheErrorHandlerAndGoOn() throws Exception {
        ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
        AtomicInteger closes = new AtomicInteger();
        CacheAgents agents =
                new CacheAgents(
                        Threading.own()
                                .onError(
                                        e -> {
                                            errors.add(e);
                                            throw new IllegalStateException("handlers fail, too");
                                        }));
        agents.add(
                new Agent() {
                    @Override
                    public int doWork() {
                        throw new LinkageError("turn");
                    }

                    @Override
                    public void onClose() {
                        closes.incrementAndGet();
                    }

                    @Override
                    public String roleName() {
                        return "failing";
                    }
                },
                new Signal(1_000_000));
        agents.start();
        Running.until("told, again and again", () -> errors.size() > 2);
        assertThat(errors.peek()).hasMessage("turn");
        agents.end();
        assertThat(closes).hasValue(1);
    }

    // ---- the end

    @Test
    void shouldGiveUpWaitingForAStoreThatHangsAndSayWhichFileAndHowMuch() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        PageCache cache = PageCache.create(config().closeMax(Duration.ofMillis(50)).build());
        PagedFile file = cache.map("hanging.db", backing);
        write(file, 0);
        write(file, 1);
        backing.beforeSync = page -> Running.await(go);
        backing.beforeWrite = page -> Running.await(go);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(cache::close)
                    .isInstanceOf(CloseTimeoutException.class)
                    .hasMessageContaining("waited=PT0.05S")
                    .hasMessageContaining("hanging.db (dirtyPages=2)");
        }
        assertThatThrownBy(() -> cache.map("another", new MemoryBacking(PAGE_BYTES)))
                .isInstanceOf(IllegalStateException.class);
        go.countDown();
        Running.until("closed after all", () -> closes(cache));
        assertThat(backing.durable(1)[0]).isEqualTo((byte) 1);
        cache.close();
    }

    private static boolean closes(PageCache cache) {
        try {
            cache.close();
            return true;
        } catch (IOException e) {
            assertThat(e).isInstanceOf(CloseTimeoutException.class);
            return false;
        }
    }

    @Test
    void shouldReportEveryFileThatCouldNotBeWrittenOnce() throws Exception {
        PageCache cache = PageCache.create(config().build());
        for (String name : List.of("a.db", "b.db")) {
            MemoryBacking failing = new MemoryBacking(PAGE_BYTES);
            PagedFile file = cache.map(name, failing);
            write(file, 0);
            failing.beforeWrite =
                    page -> {
                        throw new IOException("no space left");
                    };
        }
        assertThatThrownBy(cache::close)
                .isInstanceOf(WriteFailedException.class)
                .satisfies(
                        e ->
                                assertThat(e.getMessage() + e.getSuppressed()[0].getMessage())
                                        .contains("a.db, pagesLost=1")
                                        .contains("b.db, pagesLost=1"));
        cache.close();
    }

    @Test
    void shouldCloseForAThreadThatIsInterrupted() throws Exception {
        PageCache cache = PageCache.create(config().build());
        write(cache.map("one", backing), 3);
        Thread.currentThread().interrupt();
        cache.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(backing.durable(3)[0]).isEqualTo((byte) 3);
    }

    // ---- the region

    @Test
    void shouldTakeOptionsOfTheRegionAndKeepItsOwnSizes() throws Exception {
        PageCacheConfig config =
                config().region(r -> r.tracking(Tracking.FULL).pageBytes(65536).capacityBytes(1))
                        .build();
        try (PageCache cache = PageCache.create(config)) {
            assertThat(cache.context().allocator().frameCount()).isEqualTo(64);
            assertThat(cache.context().allocator().pageBytes()).isEqualTo(PAGE_BYTES);
        }
    }

    @Test
    void shouldLeaveNoThreadAndNoMemoryBehindWhenACacheCannotBeMade() {
        AtomicInteger made = new AtomicInteger();
        AtomicReference<@Nullable Thread> first = new AtomicReference<>();
        Threading threading =
                Threading.own()
                        .named("half-")
                        .threads(
                                task -> {
                                    if (made.incrementAndGet() == 2) {
                                        throw new OutOfMemoryError("no thread");
                                    }
                                    Thread thread = new Thread(task);
                                    first.set(thread);
                                    return thread;
                                });
        assertThatThrownBy(() -> PageCache.create(config().threading(threading).build()))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("no thread");
        Running.until("the first one ended", () -> !Objects.requireNonNull(first.get()).isAlive());
    }
}
