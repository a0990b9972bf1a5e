package dev.quire.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.bench.console.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

final class StoreTest {
    private static final int PAGE_BYTES = 8192;
    private static final int PAGES = 400;

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(Subject.class)
    void shouldReadAndWriteTheSamePagesInEveryWay(Subject subject) throws IOException {
        try (ComparedFile file = make();
                Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(PAGE_BYTES, PAGE_BYTES);
            try (Store store = subject.open(file.path(), PAGE_BYTES, 8 << 20);
                    Store.Session session = store.session()) {
                for (int page = 0; page < PAGES; page++) {
                    session.readNext(page, copy);
                    ComparedPage.check(copy, page);
                }
                ComparedPage.fill(copy, 77, 0x55);
                session.write(77, copy);
                session.read(78, copy);
                ComparedPage.check(copy, 78);
                session.read(77, copy);
                ComparedPage.check(copy, 77);
                assertThat(copy.get(ValueLayout.JAVA_BYTE, 100)).isEqualTo((byte) 0x55);
                store.sync();
                // Quire's tables are within the budget; what the kernel has, its group counts.
                assertThat(store.pageMemoryBytes()).isLessThanOrEqualTo(8 << 20);
            }
            byte[] stored = Files.readAllBytes(file.path());
            assertThat(stored).hasSize(PAGES * PAGE_BYTES);
            assertThat(stored[77 * PAGE_BYTES + 100]).isEqualTo((byte) 0x55);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldNoticeThatAnotherPageWasReadThanWasAskedFor() {
        MemorySegment copy = Arena.ofAuto().allocate(PAGE_BYTES, PAGE_BYTES);
        ComparedPage.fill(copy, 5, 1);
        ComparedPage.check(copy, 5);

        assertThatThrownBy(() -> ComparedPage.check(copy, 6))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("page 6 holds the numbers 5 and 5");
    }

    private ComparedFile make() {
        try {
            return ComparedFile.make(folder, (long) PAGES * PAGE_BYTES, PAGE_BYTES);
        } catch (InputException e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }
    }
}
