package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A word of the engine's that stays with a cached page (thread S4). */
class PrivateDataTest extends CacheFixture {
    private static final int PAGES = 300;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        backing.put(PAGES - 1, 1);
        return config;
    }

    private void attach(long page, long data) {
        try (PageCursor c = file.cursor()) {
            c.pin(page);
            c.attachPrivate(data);
        }
    }

    private long attached(long page) {
        try (PageCursor c = file.cursor()) {
            c.pin(page);
            return c.privateData();
        }
    }

    private int references(long page) {
        return FrameState.refs(cache.context().frames().word(Slot.frame(slot(page))));
    }

    @Test
    void shouldStayWithThePageAndBeWorthOneReference() throws Exception {
        try (PageCursor c = file.cursor()) {
            c.pin(3);
            assertThat(c.privateData()).isZero();
            int before = references(3);
            c.attachPrivate(-77);
            assertThat(references(3)).isEqualTo(before + 1);
            assertThat(c.privateData()).isEqualTo(-77);
            c.release();
            c.write(3);
            assertThat(c.privateData()).isEqualTo(-77);
            assertThat(c.detachPrivate()).isEqualTo(-77);
            assertThat(c.detachPrivate()).isZero();
            c.attachPrivate(78);
            c.release();
        }
        cache.verify();
        assertThat(attached(3)).isEqualTo(78);
        file.close();
        assertThat(backing.freedWith).containsExactly(78L);
    }

    @Test
    void shouldRefuseWhatCannotBeAttached() {
        try (PageCursor c = file.cursor();
                PageCursor other = file.cursor()) {
            c.read(1);
            assertThatThrownBy(() -> c.attachPrivate(1)).hasMessageContaining("neither pinned");
            assertThatThrownBy(c::privateData).hasMessageContaining("neither pinned");
            assertThatThrownBy(c::detachPrivate).hasMessageContaining("neither pinned");
            c.pin(1);
            other.pin(1);
            assertThatThrownBy(() -> c.attachPrivate(0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("private data must not be 0");
            c.attachPrivate(5);
            assertThatThrownBy(() -> other.attachPrivate(6))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has private data already");
            assertThat(other.privateData()).isEqualTo(5);
        }
    }

    @Test
    void shouldCostNothingUntilItIsUsed() {
        long before = cache.context().privateData().metadataBytes();
        sweep(0, 40);
        assertThat(before).isLessThan(64);
        assertThat(cache.context().privateData().metadataBytes()).isEqualTo(before);
        attach(1, 1);
        assertThat(cache.context().privateData().metadataBytes()).isGreaterThan(before);
    }

    // S4.4: releasePage answers no: the page stays, with its private data.
    @Test
    void shouldKeepPageAndDataWhenTheEngineSaysNo() throws Exception {
        attach(7, 70);
        AtomicLong asked = new AtomicLong();
        backing.onRelease =
                (page, data) -> {
                    asked.set(page == 7 ? data : asked.get());
                    return page != 7;
                };
        evictAll();
        assertThat(asked).hasValue(70);
        assertThat(cached(7)).isTrue();
        assertThat(attached(7)).isEqualTo(70);
        assertThat(backing.freed(7)).isZero();
        cache.verify();
    }

    // S4.5: releasePage answers yes, then the page cannot go: it stays usable, without the data.
    @Test
    void shouldKeepThePageWithoutItsDataWhenSomebodyComesByAfterAYes() throws Exception {
        attach(7, 70);
        try (PageCursor pin = file.cursor()) {
            backing.onRelease =
                    (page, data) -> {
                        if (page == 7 && pin.page() != 7) {
                            pin.pin(7);
                        }
                        return true;
                    };
            evictAll();
            assertThat(cached(7)).isTrue();
            assertThat(pin.detached()).isFalse();
            assertThat(pin.privateData()).isZero();
            assertThat(backing.freed(7)).isZero();
            pin.attachPrivate(71);
            cache.verify();
        }
        evictAll();
        assertThat(cached(7)).isFalse();
        assertThat(backing.freed(7)).isEqualTo(1);
        assertThat(backing.freedWith).as("given up by a yes").isEmpty();
    }

    /** The engine exchanged the data while it was asked: what it said yes to is not there. */
    @Test
    void shouldKeepDataThatTheEngineWasNotAskedAbout() throws Exception {
        attach(7, 70);
        AtomicInteger asked = new AtomicInteger();
        backing.onRelease =
                (page, data) -> {
                    if (page == 7 && asked.getAndIncrement() == 0) {
                        try (PageCursor c = file.cursor()) {
                            c.pin(7);
                            c.detachPrivate();
                            c.attachPrivate(71);
                        }
                        return true;
                    }
                    return page != 7;
                };
        evictAll();
        assertThat(asked.get()).isPositive();
        assertThat(attached(7)).isEqualTo(71);
    }

    // S4.1, with what was still attached.
    @Test
    void shouldTellFreePageWhatWasStillAttached() throws Exception {
        for (long page = 0; page < 10; page++) {
            attach(page, page + 100);
        }
        file.truncate(5L * PAGE_BYTES);
        assertThat(backing.freedWith).containsExactlyInAnyOrder(105L, 106L, 107L, 108L, 109L);
        file.close();
        assertThat(backing.freedWith).hasSize(10).contains(100L, 101L, 102L, 103L, 104L);
    }

    // S4.6: a pinned page is detached; what it had was told, and nothing new can be attached.
    @Test
    void shouldRefuseToAttachToADetachedPage() throws Exception {
        try (PageCursor c = file.cursor()) {
            c.pin(9);
            c.attachPrivate(90);
            file.truncate(0);
            assertThat(c.detached()).isTrue();
            assertThat(backing.freedWith).containsExactly(90L);
            assertThat(c.privateData()).isZero();
            assertThatThrownBy(() -> c.attachPrivate(91))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has left its file");
        }
        assertThat(backing.freedWith).containsExactly(90L);
    }

    /** Without hooks for it, private data keeps its page. */
    @Test
    void shouldKeepPagesWithDataByDefault() {
        PageHooks none = new PageHooks() {};
        assertThat(none.releasePage(1, PageHooks.NO_PRIVATE_DATA)).isTrue();
        assertThat(none.releasePage(1, 5)).isFalse();
    }

    /** Each word comes back once: from a detach, a yes, or freePage; whoever races with whom. */
    @Test
    void shouldTellEveryAttachedWordOnce() throws Exception {
        Collection<Long> attached = new ConcurrentLinkedQueue<>();
        Collection<Long> back = new ConcurrentLinkedQueue<>();
        backing.onRelease =
                (page, data) -> {
                    if (data != PageHooks.NO_PRIVATE_DATA) {
                        return data % 2 == 0 && released.add(data);
                    }
                    return true;
                };
        AtomicLong words = new AtomicLong();
        List<Running<Boolean>> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            threads.add(Running.run(() -> attachAndDetach(words, attached, back)));
        }
        threads.add(
                Running.run(
                        () -> {
                            for (int i = 0; i < 200; i++) {
                                file.truncate((i % PAGES) * (long) PAGE_BYTES);
                                file.truncate((long) PAGES * PAGE_BYTES);
                            }
                        }));
        for (Running<Boolean> thread : threads) {
            thread.get();
        }
        cache.verify();
        file.close();
        back.addAll(backing.freedWith);
        Set<Long> once = new HashSet<>(back);
        assertThat(once).as("told twice").hasSameSizeAs(back);
        once.addAll(released); // a yes may be followed by a detach, if the data was exchanged
        assertThat(once).containsExactlyInAnyOrderElementsOf(new HashSet<>(attached));
    }

    private final Set<Long> released = java.util.concurrent.ConcurrentHashMap.newKeySet();

    private void attachAndDetach(
            AtomicLong words, Collection<Long> attached, Collection<Long> back) {
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < 5000; i++) {
                long word = words.incrementAndGet();
                try {
                    c.pin(ThreadLocalRandom.current().nextInt(100));
                } catch (IndexOutOfBoundsException e) {
                    continue; // cut
                }
                try {
                    c.attachPrivate(word);
                    attached.add(word);
                } catch (IllegalStateException e) {
                    long was = c.detachPrivate();
                    if (was != PageHooks.NO_PRIVATE_DATA) {
                        back.add(was);
                    }
                }
                c.release();
            }
        }
    }
}
