package dev.quire.allocator.os;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.Objects;

/**
 * A function of the C library that answers -1 and errno when it fails. For cold paths: it takes its
 * arguments in an array.
 */
final class NativeCall {
    static final int ENOSYS = 38;

    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** For whoever finds no memory for an errno: what gives memory back must not need any. */
    private static final MemorySegment SPARE = Arena.global().allocate(CAPTURED);

    /** (state, long[]) to long; null when the C library has no such function. */
    private final @Nullable MethodHandle handle;

    private NativeCall(@Nullable MethodHandle handle) {
        this.handle = handle;
    }

    /** Binds a function; pointers are declared as longs. */
    @SuppressWarnings("restricted") // This package is the allocator's one native place.
    static NativeCall bind(String name, ValueLayout result, ValueLayout... parameters) {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor type = FunctionDescriptor.of(result, parameters);
        MethodType longs =
                MethodType.methodType(
                                long.class, Collections.nCopies(parameters.length, long.class))
                        .insertParameterTypes(0, MemorySegment.class);
        return new NativeCall(
                linker.defaultLookup()
                        .find(name)
                        .map(
                                symbol ->
                                        linker.downcallHandle(
                                                symbol,
                                                type,
                                                Linker.Option.captureCallState("errno")))
                        .map(exact -> MethodHandles.explicitCastArguments(exact, longs))
                        .map(cast -> cast.asSpreader(1, long[].class, parameters.length))
                        .orElse(null));
    }

    /**
     * Calls it.
     *
     * @param arguments one for each parameter
     * @return its result; or {@code -errno}, {@code -ENOSYS} when there is no such function
     */
    long call(long... arguments) {
        if (handle == null) {
            return -ENOSYS;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = state(arena);
            if (state != null) {
                return call(state, arguments);
            }
        }
        synchronized (SPARE) {
            return call(SPARE, arguments);
        }
    }

    private static @Nullable MemorySegment state(Arena arena) {
        try {
            return arena.allocate(CAPTURED);
        } catch (OutOfMemoryError e) {
            return null;
        }
    }

    private long call(MemorySegment state, long[] arguments) {
        try {
            long result = (long) Objects.requireNonNull(handle).invokeExact(state, arguments);
            return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing checked", e);
        }
    }
}
