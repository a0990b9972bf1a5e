package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Asks {@code statx(2)} what a file is and how direct I/O on it must be aligned.
 *
 * <pre>
 * struct statx, the fields read here:
 *     0 u32 mask           4 u32 blksize             28 u16 mode
 *   152 u32 dio_mem_align 156 u32 dio_offset_align  168 u32 atomic_write_unit_min
 *   172 u32 atomic_write_unit_max  176 u32 atomic_write_segments_max  180 u32 dio_read_offset_align
 * </pre>
 */
public final class Statx {
    /** Length of the structure in bytes. */
    static final int BYTES = 256;

    private static final int MASK_TYPE = 0x1;
    private static final int MASK_DIOALIGN = 0x2000;
    private static final int MASK_WRITE_ATOMIC = 0x1_0000;
    private static final int MASK_DIO_READ_ALIGN = 0x2_0000;
    private static final int MASK =
            MASK_TYPE | MASK_DIOALIGN | MASK_WRITE_ATOMIC | MASK_DIO_READ_ALIGN;

    private static final long MASK_OFFSET = 0;
    private static final long BLKSIZE_OFFSET = 4;
    private static final long MODE_OFFSET = 28;
    private static final long DIO_MEM_ALIGN_OFFSET = 152;
    private static final long DIO_OFFSET_ALIGN_OFFSET = 156;
    private static final long ATOMIC_WRITE_UNIT_MIN_OFFSET = 168;
    private static final long ATOMIC_WRITE_UNIT_MAX_OFFSET = 172;
    private static final long ATOMIC_WRITE_SEGMENTS_MAX_OFFSET = 176;
    private static final long DIO_READ_OFFSET_ALIGN_OFFSET = 180;

    private static final int MODE_TYPE = 0xf000;
    private static final int MODE_REGULAR = 0x8000;
    private static final int MODE_DIRECTORY = 0x4000;
    private static final int MODE_BLOCK = 0x6000;

    private Statx() {}

    /**
     * Status of an open file.
     *
     * @param fd descriptor
     * @param status where the answer goes: index 0 is set when the call succeeds
     * @return 0, or minus the error number
     */
    public static int of(int fd, FileStatus[] status) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BYTES, Long.BYTES);
            int answer = Posix.statx(fd, MASK, buffer);
            if (answer == 0) {
                status[0] = decode(buffer);
            }
            return answer;
        }
    }

    static FileStatus decode(MemorySegment buffer) {
        int answered = intAt(buffer, MASK_OFFSET);
        int mode = buffer.get(ValueLayout.JAVA_SHORT, MODE_OFFSET) & MODE_TYPE;
        return new FileStatus(
                switch (mode) {
                    case MODE_REGULAR -> FileStatus.Kind.REGULAR;
                    case MODE_DIRECTORY -> FileStatus.Kind.DIRECTORY;
                    case MODE_BLOCK -> FileStatus.Kind.BLOCK_DEVICE;
                    default -> FileStatus.Kind.OTHER;
                },
                intAt(buffer, BLKSIZE_OFFSET),
                said(buffer, answered, MASK_DIOALIGN, DIO_OFFSET_ALIGN_OFFSET),
                said(buffer, answered, MASK_DIO_READ_ALIGN, DIO_READ_OFFSET_ALIGN_OFFSET),
                said(buffer, answered, MASK_DIOALIGN, DIO_MEM_ALIGN_OFFSET),
                said(buffer, answered, MASK_WRITE_ATOMIC, ATOMIC_WRITE_UNIT_MIN_OFFSET),
                said(buffer, answered, MASK_WRITE_ATOMIC, ATOMIC_WRITE_UNIT_MAX_OFFSET),
                said(buffer, answered, MASK_WRITE_ATOMIC, ATOMIC_WRITE_SEGMENTS_MAX_OFFSET));
    }

    private static int said(MemorySegment buffer, int answered, int mask, long offset) {
        return (answered & mask) == 0 ? 0 : intAt(buffer, offset);
    }

    private static int intAt(MemorySegment buffer, long offset) {
        return buffer.get(ValueLayout.JAVA_INT, offset);
    }
}
