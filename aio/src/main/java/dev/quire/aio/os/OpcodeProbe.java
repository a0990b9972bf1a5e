package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct io_uring_probe}: which operations a ring knows. A sandbox may know fewer than its
 * kernel version says.
 *
 * <pre>
 *   0 last_op u8   1 ops_len u8   2 reserved   16 ops[]: 0 op u8  1 reserved  2 flags u16  4 reserved
 * </pre>
 */
final class OpcodeProbe {
    private static final int OPCODES = 64;
    private static final int HEADER_BYTES = 16;
    private static final int OPCODE_BYTES = 8;
    private static final int SUPPORTED = 1;

    private OpcodeProbe() {}

    /** What the kernel answers; an error number is a refusal. */
    static MemorySegment ask(int fd, Arena arena) throws RingException {
        MemorySegment probe = arena.allocate(HEADER_BYTES + OPCODES * OPCODE_BYTES, Long.BYTES);
        int answer = RingCalls.register(fd, RingCalls.REGISTER_PROBE, probe, OPCODES);
        if (answer < 0) {
            throw new RingException("io_uring_register", -answer);
        }
        return probe;
    }

    static void check(MemorySegment probe, int... needed) throws RingException {
        for (int opcode : needed) {
            if (!supports(probe, opcode)) {
                throw new RingException(
                        "io_uring here lacks an operation: opcode="
                                + opcode
                                + "; use Linux 5.6 or later, outside a sandbox that cuts it down");
            }
        }
    }

    static boolean supports(MemorySegment probe, int opcode) {
        int count = Byte.toUnsignedInt(probe.get(ValueLayout.JAVA_BYTE, 1));
        long at = HEADER_BYTES + (long) opcode * OPCODE_BYTES + 2;
        return opcode < count && (probe.get(ValueLayout.JAVA_SHORT, at) & SUPPORTED) != 0;
    }
}
