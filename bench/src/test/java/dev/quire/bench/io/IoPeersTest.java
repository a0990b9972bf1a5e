package dev.quire.bench.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.bench.console.Console;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;

/** Who reads beside Quire's engine. */
final class IoPeersTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNameEverybodyWhoHasATurn(boolean all) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        IoPeers peers = new IoPeers(Path.of(""), 1 << 20, new Console(nowhere, nowhere, 0));

        // Without fio there are fewer.
        assertThat(peers.subjects(all))
                .extracting(subject -> IoPeers.name(subject.name()))
                .isNotEmpty()
                .isSubsetOf(IoPeers.names(all));
    }
}
