package dev.quire.pagecache;

import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a channel may do.
 *
 * @param read whether it reads
 * @param write whether it writes
 * @param append whether every write goes to the end
 */
record ChannelMode(boolean read, boolean write, boolean append) {
    private static final Set<OpenOption> KNOWN =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.APPEND);

    /** The mode that options ask for; without any, all that the file allows. */
    static ChannelMode of(PagedFile file, OpenOption... options) {
        Set<OpenOption> wanted = new HashSet<>(List.of(options));
        for (OpenOption option : wanted) {
            if (!KNOWN.contains(option)) {
                throw new IllegalArgumentException(
                        "channel option must be one of READ, WRITE, APPEND: option=" + option);
            }
        }
        if (wanted.isEmpty()) {
            return new ChannelMode(true, !file.readOnly(), false);
        }
        boolean read = wanted.contains(StandardOpenOption.READ);
        boolean append = wanted.contains(StandardOpenOption.APPEND);
        boolean write = append || wanted.contains(StandardOpenOption.WRITE);
        if (read && append) {
            throw new IllegalArgumentException("READ + APPEND not allowed");
        }
        if (write && file.readOnly()) {
            throw new IllegalArgumentException(
                    "file is open for reading only: options=" + wanted + ", file=" + file.name());
        }
        return new ChannelMode(read, write, append);
    }

    @Override
    public String toString() {
        return (read ? "READ" : "") + (append ? "APPEND" : write ? read ? "+WRITE" : "WRITE" : "");
    }
}
