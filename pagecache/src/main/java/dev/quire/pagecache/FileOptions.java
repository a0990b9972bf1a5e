package dev.quire.pagecache;

import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The options of one open, sorted by who acts on them.
 *
 * @param write whether the handle may write
 * @param truncate whether the file is cut to nothing
 * @param createNew whether the file must not be there yet
 * @param deleteOnClose whether the file goes with its last handle
 * @param store what the store is opened with
 * @param hints what its cursors will be used for
 * @param kind those of them that all handles of a file must agree on
 */
record FileOptions(
        boolean write,
        boolean truncate,
        boolean createNew,
        boolean deleteOnClose,
        Set<OpenOption> store,
        Set<CursorHint> hints,
        Set<String> kind) {
    private static final Set<StandardOpenOption> NEED_WRITE =
            Set.of(
                    StandardOpenOption.CREATE,
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.TRUNCATE_EXISTING);

    static FileOptions of(Path path, OpenOption... options) {
        Set<OpenOption> store = new HashSet<>(List.of(options));
        Set<CursorHint> hints = hints(store);
        PagedFile.checkOrder(hints); // before anything is opened, or even emptied
        boolean deleteOnClose = store.remove(StandardOpenOption.DELETE_ON_CLOSE);
        if (store.contains(StandardOpenOption.APPEND)) {
            throw new IllegalArgumentException(
                    "APPEND is an option of PagedFile.channel, not of open: file=" + path);
        }
        boolean write = store.contains(StandardOpenOption.WRITE);
        Set<String> kind = new TreeSet<>();
        for (OpenOption option : store) {
            if (!write && option instanceof StandardOpenOption && NEED_WRITE.contains(option)) {
                throw new IllegalArgumentException(
                        "open option needs WRITE: option=" + option + ", file=" + path);
            }
            if (option == StandardOpenOption.SYNC
                    || option == StandardOpenOption.DSYNC
                    || !(option instanceof StandardOpenOption)) { // DIRECT; the engine refuses more
                kind.add(option.toString());
            }
        }
        store.add(StandardOpenOption.READ); // a page that is written in part is read first
        return new FileOptions(
                write,
                store.contains(StandardOpenOption.TRUNCATE_EXISTING),
                store.contains(StandardOpenOption.CREATE_NEW),
                deleteOnClose,
                Set.copyOf(store),
                hints,
                kind);
    }

    /** Takes the hints out of the options. */
    private static Set<CursorHint> hints(Set<OpenOption> options) {
        Set<CursorHint> hints = EnumSet.noneOf(CursorHint.class);
        for (CursorHint hint : CursorHint.values()) {
            if (options.remove(hint)) {
                hints.add(hint);
            }
        }
        return hints;
    }

    /** What a store that is open for reading is opened with again, to be written. */
    OpenOption[] reopen() {
        Set<OpenOption> again = new HashSet<>(store);
        again.removeAll(NEED_WRITE);
        return again.toArray(OpenOption[]::new);
    }
}
