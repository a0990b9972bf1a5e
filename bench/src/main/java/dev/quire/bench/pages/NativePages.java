package dev.quire.bench.pages;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Native memory such as Quire's frames lie in, for everybody else: in huge pages where the kernel
 * gives any, and all of it there, none of it the kernel's page of zeros. Direct buffers of the JDK
 * are never advised to be, and would pay for that with misses of the TLB.
 */
public final class NativePages implements AutoCloseable {
    private final PageAllocator allocator;
    private final int pages;

    /**
     * Zeros.
     *
     * @param pages how many
     * @param pageBytes bytes of each, a power of two from 4 KiB to 64 KiB; all together less than 2
     *     GiB
     */
    public NativePages(int pages, int pageBytes) {
        this.pages = pages;
        allocator =
                PageAllocator.create(
                        AllocatorConfig.builder()
                                .capacityBytes((long) pages * pageBytes)
                                .pageBytes(pageBytes)
                                .build());
        segment().fill((byte) 0);
    }

    /**
     * All of it.
     *
     * @return pages one after the other
     */
    public MemorySegment segment() {
        return allocator.region();
    }

    /** A buffer a page, in the order of the pages. */
    List<ByteBuffer> buffers() {
        int bytes = allocator.pageBytes();
        // Slices of one buffer share its segment, whose scope each access asks.
        ByteBuffer all = segment().asByteBuffer();
        return IntStream.range(0, pages)
                .mapToObj(page -> all.slice(page * bytes, bytes).order(ByteOrder.nativeOrder()))
                .toList();
    }

    /** Gives the memory back; the addresses stay, and read as zeros. */
    @Override
    public void close() {
        allocator.close();
    }
}
