package dev.quire.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.bench.console.Console;
import dev.quire.bench.run.IoMode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Each suite notices what it is there to notice; those of other commands have tests of their own.
 */
final class SoakJobTest {
    private static final int STEP_BYTES = 40_000;

    @TempDir private Path folder;

    private final StringWriter words = new StringWriter();

    /** Other bytes at many places: a write that failed may have left some of them unknown. */
    private static final SoakHooks OTHER_BYTES =
            new SoakHooks() {
                @Override
                public void beforeCheck(Path file) throws IOException {
                    try (FileChannel channel =
                            FileChannel.open(
                                    file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                        ByteBuffer one = ByteBuffer.allocate(1);
                        for (long at = 0; at < channel.size(); at += STEP_BYTES) {
                            channel.read(one.clear(), at);
                            channel.write(one.put(0, (byte) ~one.get(0)).rewind(), at);
                        }
                    }
                }
            };

    private static final SoakHooks OTHER_MARK =
            new SoakHooks() {
                @Override
                public void written(MemorySegment memory) {
                    memory.set(ValueLayout.JAVA_LONG, memory.byteSize() - Long.BYTES, -1);
                }
            };

    private boolean soak(String suite, SoakHooks hooks) throws Exception {
        PrintWriter writer = new PrintWriter(words);
        SoakOptions options =
                new SoakOptions(0.003, List.of(suite), 5, 2, IoMode.BUFFERED, folder, true);
        return new SoakJob(options, new Console(writer, writer, 0), hooks).run();
    }

    private void expectToBeNoticed(String suite, SoakHooks hooks, String what) throws Exception {
        assertThat(soak(suite, hooks)).isFalse();
        assertThat(words.toString())
                .containsPattern("quire: " + suite + ": .*" + what)
                .contains("the same again: ./quire soak --only=" + suite + " --seed=")
                .contains("the files are kept: ")
                .containsPattern("\"mismatches\":[1-9]");
    }

    @Test
    void shouldNoticeAPageOfTheMixedFileThatIsStoredWrong() throws Exception {
        expectToBeNoticed("mixed", OTHER_BYTES, "page \\d+ ");
    }

    @Test
    void shouldNoticeMemoryThatSomebodyElseHasWritten() throws Exception {
        expectToBeNoticed("allocator", OTHER_MARK, "the mark at \\d+ must be \\d+ and is -1");
    }

    @Test
    void shouldNoticeAByteThatAnEngineLost() throws Exception {
        expectToBeNoticed("io", OTHER_BYTES, "another byte than was written");
    }

    @Test
    void shouldNoticeAPageThatAKillDamaged() throws Exception {
        expectToBeNoticed("kill", OTHER_BYTES, "page \\d+ ");
    }

    /** Says that its first round is durable, and goes. */
    static final class Mortal {
        private Mortal() {}

        public static void main(String[] args) {
            System.out.println("0 " + args[2]);
            throw new IllegalStateException("on purpose");
        }
    }

    @Test
    void shouldNoticeAProcessThatEndsBeforeItIsKilled() throws Exception {
        SoakHooks mortal =
                new SoakHooks() {
                    @Override
                    public Class<?> victim() {
                        return Mortal.class;
                    }
                };
        expectToBeNoticed("kill", mortal, "ended by itself: exit value 1");
        assertThat(words.toString()).contains("on purpose");
    }
}
