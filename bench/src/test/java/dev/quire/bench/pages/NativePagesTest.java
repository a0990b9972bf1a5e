package dev.quire.bench.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Who holds pages in native memory may have huge ones, as Quire may. */
final class NativePagesTest {
    private static final Path MAPPINGS = Path.of("/proc/self/smaps");
    private static final int PAGES = 1024;
    private static final long BYTES = (long) PAGES * PageSubject.PAGE_BYTES;

    @BeforeAll
    static void linuxSaysIt() {
        assumeTrue(Files.isReadable(MAPPINGS), "needs /proc/self/smaps");
    }

    @ParameterizedTest
    @EnumSource(names = {"QUIRE", "RAW", "CAFFEINE", "CHM"})
    void shouldAskForHugePagesWhoeverHoldsThePages(PagePeer peer) throws IOException {
        long before = advisedBytes();

        try (PageSubject subject = peer.open(PAGES)) {
            assertThat(advisedBytes() - before).isGreaterThanOrEqualTo(BYTES);
            try (PageAccess access = subject.access()) {
                assertThat(access.read(PAGES - 1)).isEqualTo(PAGES - 1);
            }
        }
    }

    @Test
    void shouldAskForHugePagesForACacheThatLoads() {
        long before = advisedBytes();

        try (CountedCache cache =
                new CountedCache(
                        PAGES, PageSubject.PAGE_BYTES, (page, into) -> into.putLong(0, page))) {
            assertThat(advisedBytes() - before).isGreaterThanOrEqualTo(BYTES);
            for (long page = 0; page < 4 * PAGES; page++) {
                assertThat(cache.read(page)).isEqualTo(page);
            }
        }
    }

    @Test
    void shouldLieSideBySide() {
        try (NativePages memory = new NativePages(PAGES, PageSubject.PAGE_BYTES)) {
            List<ByteBuffer> buffers = memory.buffers();
            buffers.get(1).putLong(0, 7);

            assertThat(buffers).hasSize(PAGES);
            assertThat(new SegmentAccess(memory.segment()).read(1)).isEqualTo(7);
            assertThat(buffers)
                    .allMatch(each -> each.capacity() == PageSubject.PAGE_BYTES)
                    .allMatch(each -> each.alignmentOffset(0, PageSubject.PAGE_BYTES) == 0);
        }
    }

    /** Of all mappings with the flag that madvise(MADV_HUGEPAGE) leaves. */
    private static long advisedBytes() {
        long advised = 0;
        long bytes = 0;
        try {
            for (String line : Files.readAllLines(MAPPINGS)) {
                if (line.startsWith("Size:")) {
                    bytes = Long.parseLong(line.replaceAll("\\D", "")) << 10;
                } else if (line.startsWith("VmFlags:") && line.contains(" hg")) {
                    advised += bytes;
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return advised;
    }
}
