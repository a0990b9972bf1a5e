package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.IoMemory;
import dev.quire.allocator.PageAllocator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The claims that a request holds: all or none, and each given back once. */
final class FragmentsTest {
    private final PageAllocator allocator =
            PageAllocator.create(
                    AllocatorConfig.builder().capacityBytes(1 << 20).pageBytes(4096).build());
    private final Fragments fragments = new Fragments();
    private final int frame = allocator.allocate(0);

    @AfterEach
    void close() {
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        allocator.put(frame);
        allocator.verify();
        allocator.close();
    }

    @Test
    void shouldGiveEachClaimBackOnce() { // S0.7
        IoMemory[] claims = claims(3);
        fragments.take(claims, 1, 2);
        assertThat(allocator.refCount(frame)).isEqualTo(4);
        fragments.close();
        fragments.close();
        assertThat(allocator.refCount(frame)).as("one was not taken").isEqualTo(2);
        assertThat(claims[0].close()).isTrue();
    }

    @Test
    void shouldTakeAllOrNone() {
        IoMemory[] claims = claims(3);
        claims[2].close();
        assertThatThrownBy(() -> fragments.take(claims, 0, 3))
                .isInstanceOf(IllegalStateException.class);
        fragments.leave();
        // What it had seen of them before the last is not its to give back.
        fragments.close();
        assertThat(allocator.refCount(frame)).isEqualTo(3);
        assertThat(claims[0].close()).isTrue();
        assertThat(claims[1].close()).isTrue();
    }

    @Test
    void shouldLeaveClaimsThatItHasTaken() {
        IoMemory[] claims = claims(2);
        fragments.take(claims, 0, 2);
        fragments.leave();
        fragments.close();
        assertThat(allocator.refCount(frame)).isEqualTo(3);
        assertThat(claims[0].close()).isTrue();
        assertThat(claims[1].close()).isTrue();
    }

    @Test
    void shouldGrowForLongRequests() {
        fragments.take(claims(1)[0]);
        fragments.close();
        fragments.take(claims(100), 0, 100);
        assertThat(allocator.refCount(frame)).isEqualTo(101);
        assertThat(fragments.segments()[99].byteSize()).isEqualTo(4096);
        fragments.close();
    }

    private IoMemory[] claims(int count) {
        IoMemory[] claims = new IoMemory[count];
        for (int i = 0; i < count; i++) {
            claims[i] = IoMemory.pinned(allocator, frame);
        }
        return claims;
    }
}
