package dev.quire.pagecache;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Takes a system call away from the calling thread and those it starts, for good. */
@SuppressWarnings("restricted") // tests only, in a process of its own
final class Seccomp {
    static final int IO_URING_SETUP = 425;
    static final int EPERM = 1;

    private static final int PR_SET_SECCOMP = 22;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final long SECCOMP_MODE_FILTER = 2;

    // The instructions of classic BPF that the filter needs, and what it may answer.
    private static final short LOAD_WORD = 0x20;
    private static final short JUMP_IF_EQUAL = 0x15;
    private static final short RETURN = 0x06;
    private static final int ALLOW = 0x7fff_0000;
    private static final int FAIL_WITH = 0x0005_0000;

    private Seccomp() {}

    static void refuse(int call, int errno) throws Throwable {
        MethodHandle prctl =
                Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker().defaultLookup().findOrThrow("prctl"),
                                FunctionDescriptor.of(
                                        JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                                        JAVA_LONG),
                                Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filter = arena.allocate(4 * Long.BYTES, Long.BYTES);
            instruction(filter, 0, LOAD_WORD, 0, 0); // the number of the call
            instruction(filter, 1, JUMP_IF_EQUAL, 1, call); // if it is another, one further
            instruction(filter, 2, RETURN, 0, FAIL_WITH | errno);
            instruction(filter, 3, RETURN, 0, ALLOW);
            MemorySegment program = arena.allocate(2 * Long.BYTES, Long.BYTES);
            program.set(JAVA_SHORT, 0, (short) 4);
            program.set(ADDRESS, Long.BYTES, filter);
            check((int) prctl.invokeExact(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L));
            check(
                    (int)
                            prctl.invokeExact(
                                    PR_SET_SECCOMP,
                                    SECCOMP_MODE_FILTER,
                                    program.address(),
                                    0L,
                                    0L));
        }
    }

    private static void instruction(
            MemorySegment filter, int index, short code, int skipIfFalse, int operand) {
        long offset = (long) index * Long.BYTES;
        filter.set(JAVA_SHORT, offset, code);
        filter.set(JAVA_BYTE, offset + 2, (byte) 0);
        filter.set(JAVA_BYTE, offset + 3, (byte) skipIfFalse);
        filter.set(JAVA_INT, offset + 4, operand);
    }

    private static void check(int answer) {
        if (answer != 0) {
            throw new IllegalStateException("prctl failed: answer=" + answer);
        }
    }
}
