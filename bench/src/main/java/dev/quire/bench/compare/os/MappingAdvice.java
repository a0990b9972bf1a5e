package dev.quire.bench.compare.os;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** What engines tell the kernel of their mappings: that one is read here and there. */
public final class MappingAdvice {
    private static final int MADV_RANDOM = 1;

    private MappingAdvice() {}

    /**
     * Switches read-ahead and read-around off for a mapping.
     *
     * @param mapping of a file
     * @throws IllegalStateException when the system refuses
     */
    @SuppressWarnings("restricted") // This package is the one native place of the comparison.
    public static void random(MemorySegment mapping) {
        Linker linker = Linker.nativeLinker();
        MethodHandle madvise =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("madvise"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_INT));
        int answer;
        try {
            answer = (int) madvise.invokeExact(mapping, mapping.byteSize(), MADV_RANDOM);
        } catch (Throwable e) {
            throw new IllegalStateException("madvise cannot be called", e);
        }
        if (answer != 0) {
            throw new IllegalStateException("madvise is refused: " + mapping);
        }
    }
}
