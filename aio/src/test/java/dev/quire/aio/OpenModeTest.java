package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.DSYNC;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import org.junit.jupiter.api.Test;

import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;

final class OpenModeTest {
    private static final Path PATH = Path.of("a.db");

    @Test
    void shouldReadWhenNothingIsAskedFor() {
        OpenMode mode = OpenMode.of(PATH, Set.of());
        assertThat(mode.read()).isTrue();
        assertThat(mode.write()).isFalse();
        assertThat(mode.direct()).isFalse();
    }

    @Test
    void shouldOnlyWriteWhenOnlyThatIsAskedFor() {
        assertThat(OpenMode.of(PATH, Set.of(WRITE)).read()).isFalse();
        assertThat(OpenMode.of(PATH, Set.of(WRITE, READ)).read()).isTrue();
    }

    @Test
    void shouldKnowTheOptionsItSupports() {
        OpenMode mode =
                OpenMode.of(
                        PATH,
                        Set.of(
                                WRITE,
                                CREATE,
                                TRUNCATE_EXISTING,
                                SPARSE,
                                DSYNC,
                                DirectOption.DIRECT));
        assertThat(mode.direct()).isTrue();
        assertThat(mode.truncate()).isTrue();
        assertThat(mode.dataSync()).isTrue();
        assertThat(mode.mayCreate()).isTrue();
    }

    @Test
    void shouldNameTheOptionItRefuses() {
        for (OpenOption refused :
                new OpenOption[] {APPEND, DELETE_ON_CLOSE, LinkOption.NOFOLLOW_LINKS}) {
            assertThatThrownBy(() -> OpenMode.of(PATH, Set.of(WRITE, refused)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("option=" + refused)
                    .hasMessageContaining("file=a.db");
        }
        assertThatThrownBy(() -> OpenMode.of(PATH, Set.of(READ, CREATE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("open option needs WRITE: option=CREATE, file=a.db");
    }
}
