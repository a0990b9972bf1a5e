package dev.quire.simulation.disk;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The states that a crash can leave, worked out by hand; a byte 0 is shown as a 0. */
class CrashStatesTest {
    private static final int UNIT_BYTES = 4;

    private final SimulatedDisk disk = new SimulatedDisk(Weather.CALM, Treachery.NONE, 0);
    private DiskFile file;

    @BeforeEach
    void putFile() {
        disk.put("file", Image.of("aaaaaaaa".getBytes(ISO_8859_1)));
        file = Objects.requireNonNull(disk.find("file"));
    }

    private void write(String bytes, long position) throws IOException {
        file.write(ByteBuffer.wrap(bytes.getBytes(ISO_8859_1)), position);
    }

    private List<String> states() {
        List<String> states = new ArrayList<>();
        for (Image image : disk.states("file", UNIT_BYTES)) {
            states.add(new String(image.toBytes(), ISO_8859_1).replace('\0', '0'));
        }
        return states;
    }

    /** Of sizes a prefix, of bytes any unit; what a cut took away does not come back. */
    @Test
    void shouldShowEveryPrefixOfTheSizesWithEveryChoiceOfTheBytes() throws IOException {
        write("bbbb", 4);
        file.resize(2); // cuts
        file.resize(6); // extends
        write("cccc", 4); // and extends
        assertThat(states())
                .containsExactlyInAnyOrder(
                        "aaaaaaaa", // neither cut nor extended: nothing, b or c is there
                        "aaaabbbb",
                        "aaaacccc",
                        "aa", // cut
                        "aa0000", // extended once: c is not there, or as far as is seen of it
                        "aa00cc",
                        "aa000000", // extended twice
                        "aa00cccc");
    }

    @Test
    void shouldShowNothingOlderThanWhatASyncHasCovered() throws IOException {
        write("bbbb", 4);
        file.resize(2);
        file.sync();
        file.resize(6);
        write("cccc", 4);
        assertThat(states())
                .containsExactlyInAnyOrder("aa", "aa0000", "aa00cc", "aa000000", "aa00cccc");
    }

    @Test
    void shouldShowOneStateWhenASyncHasCoveredAll() throws IOException {
        write("bbbb", 4);
        file.resize(6);
        file.sync();
        assertThat(states()).containsExactly("aaaabb");
    }

    @Test
    void shouldShowEachUnitOfAWriteByItself() throws IOException {
        write("bbbb", 2); // the ends of two units
        assertThat(states())
                .containsExactlyInAnyOrder("aaaaaaaa", "aabbaaaa", "aaaabbaa", "aabbbbaa");
    }
}
