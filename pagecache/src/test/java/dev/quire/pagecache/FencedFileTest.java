package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.WriteFailedException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What every call does once a sync of the store has failed, or the program has given the file up:
 * the table of FileFencedException.
 */
class FencedFileTest extends CacheFixture {
    private static final int CACHED = 0;
    private static final int UNCACHED = 10;

    @TempDir Path folder;

    /** What a call does, given a free cursor. */
    private interface Call {
        void run(PageCursor c) throws Exception;
    }

    @BeforeEach
    void fence() throws Exception {
        file.truncate(20L * PAGE_BYTES);
        write(CACHED, 4, 5);
        file.sync();
        backing.beforeSync =
                page -> {
                    throw new IOException("on purpose");
                };
        assertThatThrownBy(file::sync)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("sync failed");
        backing.heal();
    }

    private final Map<String, Call> refused =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("append", c -> file.append()),
                            Map.entry("sync", c -> file.sync()),
                            Map.entry("syncRange", c -> file.syncRange(0, 1)),
                            Map.entry("flush", c -> file.flush(0, 1)),
                            Map.entry("invalidate", c -> file.invalidate(0, 1)),
                            Map.entry("punchHole", c -> file.punchHole(0, PAGE_BYTES)),
                            Map.entry("truncate", c -> file.truncate(0)),
                            Map.entry("readDirect", c -> file.readDirect(aligned(), 0)),
                            Map.entry("writeDirect", c -> file.writeDirect(aligned(), 0)),
                            Map.entry(
                                    "readDirect of who does not wait",
                                    c -> file.readDirect(aligned(), 0, (n, e) -> {})),
                            Map.entry(
                                    "writeDirect of who does not wait",
                                    c -> file.writeDirect(aligned(), 0, (n, e) -> {})),
                            Map.entry(
                                    "tryReadDirect",
                                    c ->
                                            file.tryReadDirect(
                                                    aligned(), 0, (n, e) -> {}, Runnable::run)),
                            Map.entry(
                                    "tryWriteDirect",
                                    c ->
                                            file.tryWriteDirect(
                                                    aligned(), 0, (n, e) -> {}, Runnable::run)),
                            Map.entry("prefetch", c -> file.prefetch(UNCACHED)),
                            Map.entry("prefetchRange", c -> file.prefetchRange(UNCACHED, 1)),
                            Map.entry(
                                    "cursorGroup of pages that are not cached",
                                    c -> readGroup(UNCACHED, UNCACHED + 1)),
                            Map.entry("warmUp", c -> file.warmUp(Path.of("no-dump"))),
                            Map.entry("readAsync", c -> file.readAsync(UNCACHED, (p, e) -> {})),
                            Map.entry("read of a page that is not cached", c -> c.read(UNCACHED)),
                            Map.entry("pin of a page that is not cached", c -> c.pin(UNCACHED)),
                            Map.entry("write", c -> c.write(CACHED)),
                            Map.entry("write of a page that is not cached", c -> c.write(UNCACHED)),
                            Map.entry("write beyond the end", c -> c.write(30)),
                            Map.entry("tryWrite", c -> c.tryWrite(CACHED)),
                            Map.entry("create", c -> c.create(CACHED)),
                            Map.entry(
                                    "upgrade",
                                    c -> {
                                        c.read(CACHED);
                                        c.upgrade();
                                    })));

    private final Map<String, Call> works =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("cursor", c -> file.cursor().close()),
                            Map.entry(
                                    "cursor for a file that will be needed",
                                    c -> file.cursor(CursorHint.WILL_NEED).close()),
                            Map.entry("cursorGroup", c -> readGroup(CACHED, CACHED + 1)),
                            Map.entry("readAheadBytes", c -> file.readAheadBytes(1 << 20)),
                            Map.entry("readScope", c -> file.readScope().retry()),
                            Map.entry("stats", c -> file.stats()),
                            Map.entry("sizeBytes", c -> file.sizeBytes()),
                            Map.entry("sizePages", c -> file.sizePages()),
                            Map.entry("pageBytes", c -> file.pageBytes()),
                            Map.entry("name", c -> file.name()),
                            Map.entry("tryInvalidate", c -> file.tryInvalidate(3, 1)),
                            Map.entry("relocate", c -> file.relocate(CACHED)),
                            Map.entry("direct", c -> file.direct()),
                            Map.entry("directAlignment", c -> file.directAlignment()),
                            Map.entry("directMemoryAlignment", c -> file.directMemoryAlignment()),
                            Map.entry("readOnly", c -> file.readOnly()),
                            Map.entry("channel", c -> file.channel().close()),
                            Map.entry("snapshot", c -> readSnapshot()),
                            Map.entry("dumpHotPages", c -> file.dumpHotPages(dump())),
                            Map.entry("dumpHotPagesAtClose", c -> file.dumpHotPagesAtClose(dump())),
                            Map.entry("fence", c -> file.fence(new IOException("again"))),
                            Map.entry("oldestDirtyLsn", c -> file.oldestDirtyLsn()),
                            Map.entry("attachPrivate", pinned(c -> c.attachPrivate(7))),
                            Map.entry("privateData", pinned(c -> c.privateData())),
                            Map.entry("detachPrivate", pinned(c -> c.detachPrivate())),
                            Map.entry("read", c -> c.read(CACHED)),
                            Map.entry("tryRead", c -> assertThat(c.tryRead(CACHED)).isTrue()),
                            Map.entry("retry", c -> assertThat(readAll(c)).isEqualTo(5)),
                            Map.entry("pin", c -> c.pin(CACHED)),
                            Map.entry("page", c -> c.page()),
                            Map.entry("detached", pinned(c -> assertThat(c.detached()).isFalse())),
                            Map.entry("segment", pinned(c -> c.segment().get(Numbers.BYTE, 0))),
                            Map.entry("getByte", pinned(c -> c.getByte(0))),
                            Map.entry("getShort", pinned(c -> c.getShort(0))),
                            Map.entry("getInt", pinned(c -> c.getInt(0))),
                            Map.entry("getLong", pinned(c -> c.getLong(0))),
                            Map.entry("copyTo", pinned(c -> c.copyTo(0, Numbers.heap(), 0, 8))),
                            Map.entry("release", pinned(c -> c.release())),
                            Map.entry("toString", c -> assertThat(c.toString()).isNotEmpty())));

    private static MemorySegment aligned() {
        return DirectFixture.memory(PAGE_BYTES);
    }

    private Path dump() {
        return folder.resolve("dump");
    }

    private static Call pinned(Call call) {
        return c -> {
            c.pin(CACHED);
            call.run(c);
        };
    }

    /** What a thread does that had its latch before: its changes stay in memory, and are lost. */
    private static final Set<String> UNDER_A_LATCH =
            Set.of(
                    "putByte",
                    "putShort",
                    "putInt",
                    "putLong",
                    "copyFrom",
                    "lsn",
                    "downgrade",
                    "releaseClean");

    /** Held by tests of their own. */
    private static final Set<String> ENDS = Set.of("close");

    private void readGroup(long... pages) {
        try (CursorGroup group = file.cursorGroup(pages.length)) {
            group.read(pages, 0, pages.length);
        }
    }

    private void readSnapshot() {
        try (FileSnapshot snapshot = file.snapshot();
                SnapshotCursor c = snapshot.cursor()) {
            c.read(CACHED);
            assertThatThrownBy(() -> c.read(UNCACHED)).isInstanceOf(FileFencedException.class);
        }
    }

    private static long readAll(PageCursor c) {
        long value;
        do {
            c.read(CACHED);
            value = c.getLong(0);
        } while (c.retry());
        return value;
    }

    private static final class Numbers {
        static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

        static MemorySegment heap() {
            return MemorySegment.ofArray(new byte[8]);
        }
    }

    @Test
    void shouldRefuseWhatWouldWriteReadOrSync() {
        refused.forEach(
                (name, call) -> {
                    try (PageCursor c = file.cursor()) {
                        assertThatThrownBy(() -> call.run(c))
                                .as(name)
                                .isInstanceOf(FileFencedException.class)
                                .hasMessageContaining("file=store");
                    }
                });
        assertThat(backing.syncs).as("no sync that would succeed").hasValue(1);
        assertThat(backing.writes).hasValue(4);
    }

    @Test
    void shouldLetCachedPagesBeRead() {
        works.forEach(
                (name, call) -> {
                    try (PageCursor c = file.cursor()) {
                        assertThatCode(() -> call.run(c)).as(name).doesNotThrowAnyException();
                    }
                });
    }

    @Test
    void shouldLetALatchThatWasTakenBeforeBeGivenBack() throws Exception {
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        PagedFile late = cache.map("late", store);
        write(late, 0, 3, 5);
        late.sync();
        store.beforeSync =
                page -> {
                    throw new IOException("on purpose");
                };
        try (PageCursor one = late.cursor();
                PageCursor two = late.cursor()) {
            one.write(0); // clean: the sync does not wait for it
            two.write(1);
            Running<Boolean> sync = Running.run(late::sync);
            assertThatThrownBy(sync::get).hasCauseInstanceOf(WriteFailedException.class);
            one.putByte(0, (byte) 1);
            one.putShort(0, (short) 1);
            one.putInt(0, 1);
            one.copyFrom(0, Numbers.heap(), 0, 8);
            one.putLong(0, 77);
            one.lsn(9);
            two.releaseClean();
            one.downgrade();
            assertThat(one.getLong(0)).isEqualTo(77);
        }
        assertThat(late.oldestDirtyLsn()).isEqualTo(9);
        assertThatThrownBy(late::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("pagesLost=1");
        assertThat(store.written(0)[0]).as("not written").isEqualTo((byte) 5);
    }

    /** A new public method must be put into one of the tables above, and of FileFencedException. */
    @Test
    void shouldBeDefinedForEveryPublicCall() {
        Set<String> defined = new TreeSet<>(UNDER_A_LATCH);
        defined.addAll(ENDS);
        Stream.concat(refused.keySet().stream(), works.keySet().stream())
                .map(name -> name.split(" ", 2)[0])
                .forEach(defined::add);
        Set<String> calls =
                Stream.of(PagedFile.class, PageCursor.class)
                        .flatMap(type -> Arrays.stream(type.getMethods()))
                        .filter(method -> method.getDeclaringClass() != Object.class)
                        .map(Method::getName)
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(defined).containsAll(calls);
        assertThat(calls).containsAll(defined);
    }

    @Test
    void shouldReportAndDiscardAtTheClose() throws IOException {
        assertThatThrownBy(file::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("pagesLost=0");
        assertThat(backing.closes).hasValue(1);
        file.close();
        assertThat(backing.closes).hasValue(1);
    }

    /** An engine whose log failed: what is dirty may never be written. */
    @Test
    void shouldBeGivenUpByItsEngine() throws IOException {
        Path path = folder.resolve("other");
        PagedFile one = cache.open(path, READ, WRITE, CREATE);
        PagedFile two = cache.open(path, READ, WRITE);
        write(one, 0, 2, 5);
        one.sync();
        write(one, 1, 1, 6);
        IOException cause = new IOException("the log is gone");
        one.fence(cause);
        one.fence(new IOException("later"));
        assertThatThrownBy(two::sync)
                .isInstanceOf(FileFencedException.class)
                .hasMessageContaining("other")
                .hasCause(cause);
        assertThat(read(two, 1)).isEqualTo(7);
        assertThat(cache.stats().fencedFiles()).isEqualTo(2);
        assertThatThrownBy(one::close).isInstanceOf(WriteFailedException.class);
        assertThatThrownBy(two::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("pagesLost=1");
        try (PagedFile again = cache.open(path, READ, WRITE)) {
            one.fence(cause); // of a handle that is closed
            assertThat(read(again, 1)).isEqualTo(6);
            again.sync();
        }
    }

    @Test
    void shouldOnlyBeClearedByAFreshOpen() throws IOException {
        assertThatThrownBy(file::close).isInstanceOf(WriteFailedException.class);
        file = cache.map("store", backing);
        write(0, 1, 9);
        file.sync();
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 9);
    }
}
