package dev.quire.bench.alloc;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** C's malloc and free, called the cheapest way that Java has: critical, addresses as longs. */
final class MallocSubject implements Subject {
    private static final MethodHandle MALLOC =
            critical("malloc", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final MethodHandle FREE =
            critical("free", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));

    private final long[] slots;

    MallocSubject(int slots) {
        this.slots = new long[slots];
    }

    @SuppressWarnings("restricted")
    private static MethodHandle critical(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find(name).orElseThrow(),
                descriptor,
                Linker.Option.critical(false));
    }

    @Override
    public long pair(int order) {
        long address = malloc((long) FRAME_BYTES << order);
        free(address);
        return address;
    }

    @Override
    public long take(int slot) {
        long address = malloc(FRAME_BYTES);
        slots[slot] = address;
        return address;
    }

    @Override
    public void give(int slot) {
        free(slots[slot]);
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "C's malloc and free through critical downcalls";
    }

    private static long malloc(long bytes) {
        long address;
        try {
            address = (long) MALLOC.invokeExact(bytes);
        } catch (Throwable e) {
            throw unexpected(e);
        }
        if (address == 0) {
            throw new OutOfMemoryError("malloc gave nothing: bytes=" + bytes);
        }
        return address;
    }

    private static void free(long address) {
        try {
            FREE.invokeExact(address);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static AssertionError unexpected(Throwable e) {
        return new AssertionError("a downcall does not throw", e);
    }
}
