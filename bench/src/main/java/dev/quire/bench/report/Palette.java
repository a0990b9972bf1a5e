package dev.quire.bench.report;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which subject has which color and dash. A subject that Quire is often measured against has the
 * same ones in every report, unless another one of that color is there as well.
 */
public final class Palette {
    /** How many subjects can be told apart. */
    static final int SLOTS = 16;

    private static final Map<String, Integer> USUAL =
            Map.ofEntries(
                    Map.entry("quire", 0),
                    Map.entry("caffeine", 1),
                    Map.entry("netty-pooled", 1),
                    Map.entry("read", 1),
                    Map.entry("raw", 2),
                    Map.entry("malloc", 2),
                    Map.entry("fio", 2),
                    Map.entry("strict-lru", 2),
                    Map.entry("lru", 2),
                    Map.entry("mmap", 3),
                    Map.entry("mmap-random", 1),
                    Map.entry("netty-adaptive", 3),
                    Map.entry("arc", 3),
                    Map.entry("filechannel", 4),
                    Map.entry("arena", 4),
                    Map.entry("write", 4),
                    Map.entry("s3-fifo", 4),
                    Map.entry("chm", 5),
                    Map.entry("locked-buddy", 5),
                    Map.entry("clock", 5),
                    Map.entry("asyncchannel", 6),
                    Map.entry("async-filechannel", 6),
                    Map.entry("belady", 7),
                    Map.entry("heap-zgc", 7));

    private final Map<String, Integer> slots = new HashMap<>();
    private final List<String> own;

    private Palette(List<String> own) {
        this.own = List.copyOf(own);
    }

    /**
     * The colors of a report.
     *
     * @param own what the report is about: drawn heavier than what it is compared with
     * @param others what it is compared with
     * @return a color and a dash for each
     * @throws IllegalArgumentException when there are more than can be told apart
     */
    public static Palette of(List<String> own, List<String> others) {
        Palette palette = new Palette(own);
        own.stream().limit(1).forEach(first -> palette.add(first, 0));
        List<String> all = Stream.concat(own.stream(), others.stream()).toList();
        // First those with a color of their own, so that no newcomer has it.
        all.forEach(subject -> palette.add(subject, USUAL.getOrDefault(subject, SLOTS)));
        all.forEach(subject -> palette.add(subject, palette.nextFree()));
        if (!palette.slots.keySet().containsAll(all)) {
            throw new IllegalArgumentException(
                    "subjects must be at most " + SLOTS + ": subjects=" + all);
        }
        return palette;
    }

    /** Nothing happens when the subject has a color, or another one has this one. */
    private void add(String subject, int slot) {
        if (slot < SLOTS && !slots.containsKey(subject) && !slots.containsValue(slot)) {
            slots.put(subject, slot);
        }
    }

    private int nextFree() {
        return IntStream.range(0, SLOTS)
                .filter(s -> !slots.containsValue(s))
                .findFirst()
                .orElse(SLOTS);
    }

    /** The style class of a subject's color, and whether it is drawn heavier. */
    String style(String subject) {
        return "s" + slot(subject) + (own.contains(subject) ? " own" : "");
    }

    /** The color's number. */
    int slot(String subject) {
        Integer slot = slots.get(subject);
        if (slot == null) {
            throw new IllegalArgumentException(
                    "no color for the subject: subject=" + subject + ", known=" + slots.keySet());
        }
        return slot;
    }

    boolean isOwn(String subject) {
        return own.contains(subject);
    }
}
