package dev.quire.faults;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongBinaryOperator;

/** Ranges of addresses that are mapped, and by whom. Parts of them may be unmapped. */
final class MappedRanges {
    private record Range(long bytes, String user) {}

    private final TreeMap<Long, Range> ranges = new TreeMap<>();

    void add(long address, long bytes, String user) {
        ranges.put(address, new Range(bytes, user));
    }

    void remove(long address, long bytes) {
        long end = address + bytes;
        Map.Entry<Long, Range> last = ranges.lowerEntry(end);
        while (last != null && last.getKey() + last.getValue().bytes > address) {
            long start = last.getKey();
            Range range = last.getValue();
            ranges.remove(start);
            if (start < address) {
                add(start, address - start, range.user);
            }
            if (start + range.bytes > end) {
                add(end, start + range.bytes - end, range.user);
            }
            last = ranges.lowerEntry(Math.min(start, address));
        }
    }

    long bytes() {
        return sum((address, bytes) -> bytes);
    }

    /** What something says of each range, by its address and length, in all. */
    long sum(LongBinaryOperator each) {
        return ranges.entrySet().stream()
                .mapToLong(range -> each.applyAsLong(range.getKey(), range.getValue().bytes))
                .sum();
    }

    List<String> list() {
        return ranges.values().stream().map(Range::toString).toList();
    }

    void clear() {
        ranges.clear();
    }
}
