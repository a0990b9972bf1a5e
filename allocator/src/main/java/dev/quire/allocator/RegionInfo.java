package dev.quire.allocator;

import java.io.Serializable;

/**
 * What a region's memory got of what was asked for it, when it was made.
 *
 * @param bytes address space of the frames
 * @param hugePages whether the system was asked for transparent huge pages, and heeds that
 * @param hugetlb whether it consists of huge pages of the system's pool
 * @param locked whether what is in memory stays there: mlock, or hugetlb, which is never swapped
 * @param prefaulted whether all of it was in memory when it was made
 */
public record RegionInfo(
        long bytes, boolean hugePages, boolean hugetlb, boolean locked, boolean prefaulted)
        implements Serializable {}
