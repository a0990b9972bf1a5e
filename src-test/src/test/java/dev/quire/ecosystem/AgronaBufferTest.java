package dev.quire.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An Agrona buffer can wrap a frame, by its address and without a copy. Every buffer of Agrona 2
 * asks for a package of the JDK to be opened, whatever it wraps; that is its users' line, not
 * Quire's.
 */
class AgronaBufferTest {
    private static final String OPENED = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";

    /** Run in a JVM of its own: this one opens nothing. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            AllocatorConfig config = AllocatorConfig.builder().capacityBytes(1 << 20).build();
            try (PageAllocator allocator = PageAllocator.create(config)) {
                byAddress(allocator);
                bySegment(allocator);
            }
        }

        private static void byAddress(PageAllocator allocator) {
            int frame = allocator.allocate(1);
            MemorySegment block = allocator.segment(frame);
            UnsafeBuffer buffer =
                    new UnsafeBuffer(allocator.address(frame), (int) block.byteSize());
            buffer.putLong(8184, 42); // the last of the block
            block.set(ValueLayout.JAVA_LONG, 0, 43);
            System.out.println(block.get(ValueLayout.JAVA_LONG, 8184) + " " + buffer.getLong(0));
            try {
                buffer.putLong(8185, 1);
            } catch (IndexOutOfBoundsException e) {
                System.out.println("bounds");
            }
            allocator.put(frame);
        }

        private static void bySegment(PageAllocator allocator) {
            try (Arena arena = allocator.arena(Arena.ofShared())) {
                MemorySegment segment = arena.allocate(100);
                UnsafeBuffer buffer = new UnsafeBuffer(segment.asByteBuffer());
                buffer.putStringWithoutLengthAscii(0, "quire");
                System.out.println(segment.getString(0) + " " + buffer.capacity());
            }
            System.out.println(allocator.freeFrames() == allocator.frameCount());
        }
    }

    private record Outcome(int exit, String output) {}

    private static Outcome run(String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of(options));
        command.add("-classpath");
        command.add(System.getProperty("java.class.path"));
        command.add(Program.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        return new Outcome(process.waitFor(), new String(output, StandardCharsets.UTF_8));
    }

    @Test
    void shouldWrapAFrameByItsAddressAndASegmentOfAnArena() throws Exception {
        assertThat(run(OPENED)).isEqualTo(new Outcome(0, "42 43\nbounds\nquire 100\ntrue\n"));
    }

    /** So that the line in the README can go when Agrona no longer needs it. */
    @Test
    void shouldStillNeedAgronasOwnLine() throws Exception {
        Outcome outcome = run();
        assertThat(outcome.exit()).isNotZero();
        assertThat(outcome.output()).contains("does not export jdk.internal.misc");
    }
}
