package dev.quire.pagecache.space;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who holds the frames of a cache, in words: for the message when none is left. A walk over the
 * side table while others change it, so that each line is right for some moment.
 */
public final class FrameHolders {
    private static final int FILES_SHOWN = 4;
    private static final int PAGES_SHOWN = 3;

    private final FrameTable frames;
    private final SpaceTable spaces;
    private final Map<Integer, Pins> pinned = new HashMap<>();
    private int dirty;
    private int writeback;
    private int latched;
    private int filling;
    private int withoutPage;

    private FrameHolders(CacheContext context) {
        frames = context.frames();
        spaces = context.spaces();
        for (int frame = 0; frame < frames.frameCount(); frame++) {
            look(frame);
        }
    }

    /** The pinned pages of one file. */
    private static final class Pins {
        private final StringBuilder first = new StringBuilder();
        private int pages;
        private long pins;

        void add(long page, int count) {
            if (pages < PAGES_SHOWN) {
                first.append(pages == 0 ? "" : ", ")
                        .append("page=")
                        .append(page)
                        .append(" pins=")
                        .append(count);
            } else if (pages == PAGES_SHOWN) {
                first.append(", ...");
            }
            pages++;
            pins += count;
        }

        int pages() {
            return pages;
        }
    }

    /**
     * Describes them.
     *
     * @param context the cache
     * @return a few lines, each after a line break: pinned pages by file, most first, then how many
     *     pages wait for something
     */
    public static String describe(CacheContext context) {
        return new FrameHolders(context).lines();
    }

    private void look(int frame) {
        long word = frames.word(frame);
        int owner = frames.owner(frame);
        int pins = FrameState.refs(word) > 0 ? FrameState.pins(word) : 0;
        if (pins > 0) {
            pinned.computeIfAbsent(owner, id -> new Pins()).add(frames.page(frame), pins);
        }
        if (owner == FrameTable.OWNER_NONE) {
            withoutPage += FrameState.refs(word) > 0 ? 1 : 0;
            return;
        }
        dirty += FrameState.any(word, FrameState.DIRTY) ? 1 : 0;
        writeback += FrameState.any(word, FrameState.WRITEBACK) ? 1 : 0;
        latched += FrameState.any(word, FrameState.EXCLUSIVE) ? 1 : 0;
        boolean read = FrameState.any(word, FrameState.UPTODATE);
        filling += FrameState.any(word, FrameState.LOCKED) && !read ? 1 : 0;
    }

    private String lines() {
        StringBuilder lines = new StringBuilder();
        List<Map.Entry<Integer, Pins>> files =
                pinned.entrySet().stream()
                        .sorted(
                                Map.Entry.comparingByValue(
                                        Comparator.comparingInt(Pins::pages).reversed()))
                        .toList();
        for (var file : files.subList(0, Math.min(FILES_SHOWN, files.size()))) {
            Pins pins = file.getValue();
            lines.append("\n  pinned: file=")
                    .append(name(file.getKey()))
                    .append(", pages=")
                    .append(pins.pages)
                    .append(", pins=")
                    .append(pins.pins)
                    .append(": ")
                    .append(pins.first);
        }
        if (files.size() > FILES_SHOWN) {
            lines.append("\n  pinned: files not shown=").append(files.size() - FILES_SHOWN);
        }
        return lines.append("\n  dirtyPages=")
                .append(dirty)
                .append(", writebackPages=")
                .append(writeback)
                .append(", latchedPages=")
                .append(latched)
                .append(", fillingPages=")
                .append(filling)
                .append(", framesWithoutPage=")
                .append(withoutPage)
                .toString();
    }

    private String name(int owner) {
        AddressSpace space = spaces.find(owner);
        return space == null ? "none (detached)" : space.name();
    }
}
