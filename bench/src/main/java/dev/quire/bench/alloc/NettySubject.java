package dev.quire.bench.alloc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.Version;
import io.netty.util.internal.CleanableDirectBuffer;
import io.netty.util.internal.PlatformDependent;

/** Direct buffers of one of Netty's allocators. */
final class NettySubject implements Subject {
    private final ByteBufAllocator allocator;
    private final ByteBuf[] slots;

    NettySubject(ByteBufAllocator allocator, int slots) {
        this.allocator = allocator;
        this.slots = new ByteBuf[slots];
    }

    @Override
    public long pair(int order) {
        ByteBuf buffer = buffer(FRAME_BYTES << order);
        long address = buffer.memoryAddress();
        buffer.release();
        return address;
    }

    @Override
    public long take(int slot) {
        ByteBuf buffer = buffer(FRAME_BYTES);
        slots[slot] = buffer;
        return buffer.memoryAddress();
    }

    @Override
    public void give(int slot) {
        slots[slot].release();
    }

    private ByteBuf buffer(int bytes) {
        return allocator.directBuffer(bytes, bytes);
    }

    @Override
    public void close() {}

    /**
     * What decides how fast Netty is: whether it may use Unsafe, and what its memory comes from.
     */
    @Override
    public String toString() {
        Throwable why = PlatformDependent.getUnsafeUnavailabilityCause();
        CleanableDirectBuffer sample = PlatformDependent.allocateDirect(FRAME_BYTES);
        String source = sample.getClass().getName();
        sample.clean();
        return "Netty "
                + Version.identify().get("netty-buffer")
                + " "
                + allocator
                + ", unsafe="
                + PlatformDependent.hasUnsafe()
                + (why == null ? "" : " (" + why.getMessage() + ")")
                + ", directBufferNoCleaner="
                + PlatformDependent.useDirectBufferNoCleaner()
                + ", memory from "
                + source
                + ", maxDirectMemory="
                + PlatformDependent.maxDirectMemory();
    }
}
