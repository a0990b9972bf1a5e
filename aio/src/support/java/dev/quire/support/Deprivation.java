package dev.quire.support;

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

/** Takes rights and resources away from the calling process, for good. */
@SuppressWarnings("restricted") // tests only, in a process of its own
public final class Deprivation {
    /** System call that makes a ring. */
    public static final int IO_URING_SETUP = 425;

    /** Error number. */
    public static final int EPERM = 1;

    /** Resource. */
    public static final int LIMIT_FILE_BYTES = 1;

    /** Resource. */
    public static final int LIMIT_OPEN_FILES = 7;

    /** Resource. */
    public static final int LIMIT_LOCKED_BYTES = 8;

    private static final int PR_SET_SECCOMP = 22;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final long SECCOMP_MODE_FILTER = 2;

    // The instructions of classic BPF that the filter needs, and what it may answer.
    private static final short LOAD_WORD = 0x20;
    private static final short JUMP_IF_EQUAL = 0x15;
    private static final short RETURN = 0x06;
    private static final int ALLOW = 0x7fff_0000;
    private static final int FAIL_WITH = 0x0005_0000;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle SETRLIMIT =
            handle("setrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle PRCTL =
            handle(
                    "prctl",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                    Linker.Option.firstVariadicArg(1));

    private Deprivation() {}

    /** Lowers a limit. */
    public static void limit(int resource, long value) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(JAVA_LONG, 2);
            limit.setAtIndex(JAVA_LONG, 0, value);
            limit.setAtIndex(JAVA_LONG, 1, value);
            check("setrlimit", (int) SETRLIMIT.invokeExact(resource, limit));
        }
    }

    /** Has a system call fail in this thread and those it starts. */
    public static void refuse(int call, int errno) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filter = arena.allocate(4 * Long.BYTES, Long.BYTES);
            instruction(filter, 0, LOAD_WORD, 0, 0); // the number of the call
            instruction(filter, 1, JUMP_IF_EQUAL, 1, call); // if it is another, one further
            instruction(filter, 2, RETURN, 0, FAIL_WITH | errno);
            instruction(filter, 3, RETURN, 0, ALLOW);
            MemorySegment program = arena.allocate(2 * Long.BYTES, Long.BYTES);
            program.set(JAVA_SHORT, 0, (short) 4);
            program.set(ADDRESS, Long.BYTES, filter);
            check("prctl", (int) PRCTL.invokeExact(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L));
            check(
                    "prctl",
                    (int)
                            PRCTL.invokeExact(
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

    private static void check(String call, int answer) {
        if (answer != 0) {
            throw new IllegalStateException(call + " failed: answer=" + answer);
        }
    }

    private static MethodHandle handle(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().find(name).orElseThrow(), descriptor, options);
    }
}
