package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.lru.Replacement;
import dev.quire.pagecache.lru.Rtq;
import dev.quire.pagecache.readahead.ReadPattern;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.ReservedFrames;
import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.Executors;

/** A page on its way in, and a policy that fails to take it. */
class FillTest {
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 256;

    private PageAllocator allocator;
    private CacheContext context;
    private AddressSpace space;
    private boolean fails;
    private boolean late;

    @BeforeEach
    void open() throws Exception {
        allocator =
                PageAllocator.create(
                        AllocatorConfig.builder()
                                .capacityBytes((long) FRAMES * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .build());
        context = new CacheContext(allocator, failing(), Executors.defaultThreadFactory());
        MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
        backing.put(3, 7);
        space = AddressSpace.open(context, "store", backing, false);
    }

    /** The usual policy, whose inserts fail before or after they are made if they shall. */
    private Replacement failing() {
        Replacement rtq = new Rtq(allocator.frames(), allocator::put);
        return (Replacement)
                Proxy.newProxyInstance(
                        FillTest.class.getClassLoader(),
                        new Class<?>[] {Replacement.class},
                        (proxy, method, args) -> {
                            boolean failing = fails && "insert".equals(method.getName());
                            if (failing && !late) {
                                throw new IllegalStateException("on purpose");
                            }
                            try {
                                Object result = method.invoke(rtq, args);
                                if (failing) {
                                    throw new OutOfMemoryError("on purpose");
                                }
                                return result;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    @AfterEach
    void close() {
        fails = false;
        context.truncation().discard(space);
        context.close();
        allocator.drainDeferred();
        allocator.verify();
        assertThat(allocator.freeFrames()).isEqualTo(FRAMES);
        allocator.close();
    }

    private long fault(long page) {
        return context.faults().fault(space, page, new ReadPattern(ReadPattern.Order.RANDOM));
    }

    private void assertNothingLeft(long freeFrames) {
        assertThat(Slot.isResident(space.translation().slot(3))).isFalse();
        assertThat(context.counters().cachedPages).hasValue(0);
        assertThat(context.counters().fillingPages).hasValue(0);
        allocator.drainDeferred();
        assertThat(allocator.freeFrames()).isEqualTo(freeFrames);
        context.lru().verify();
    }

    @Test
    void shouldLeaveNothingBehindWhenThePolicyTakesNoPage() {
        fails = true;
        assertThatThrownBy(() -> fault(3)).isInstanceOf(IllegalStateException.class);
        assertNothingLeft(FRAMES);
        late = true;
        assertThatThrownBy(() -> fault(3)).isInstanceOf(OutOfMemoryError.class);
        assertNothingLeft(FRAMES);
        fails = false;
        assertThat(Slot.isReadable(fault(3))).isTrue();
    }

    @Test
    void shouldKeepAReservationAsLargeAsItWas() {
        try (ReservedFrames reserved = context.newFrames().reserve(2)) {
            fails = true;
            assertThatThrownBy(() -> fault(3)).isInstanceOf(IllegalStateException.class);
            assertThat(reserved.remaining()).isEqualTo(2);
            assertNothingLeft(FRAMES - 2);
            fails = false;
            fault(3);
            assertThat(reserved.remaining()).isEqualTo(1);
        }
    }
}
