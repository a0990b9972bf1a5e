package dev.quire.allocator;

import dev.quire.allocator.debug.OwnerTracker;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Adds blocks up by the place that allocated them. Confined to the thread that walks them. */
final class AllocationSites {
    private final @Nullable OwnerTracker owners;

    /** By site number, which begins at {@link OwnerTracker#SITE_MIN}. */
    private final int[] blocks;

    private final int[] frames;

    /**
     * Nothing yet.
     *
     * @param owners who knows; null: all sums stay empty
     */
    AllocationSites(@Nullable OwnerTracker owners) {
        this.owners = owners;
        int sites = owners == null ? 0 : owners.sites() - OwnerTracker.SITE_MIN + 1;
        blocks = new int[sites];
        frames = new int[sites];
    }

    void add(int head, int count) {
        if (owners != null) {
            int index = owners.allocationSite(head) - OwnerTracker.SITE_MIN;
            // A stack that was met only after the walk began is left to the next one.
            if (index < blocks.length) {
                blocks[index]++;
                frames[index] += count;
            }
        }
    }

    /**
     * The sites that hold most frames.
     *
     * @param max how many at most
     * @return the largest first
     */
    List<AllocationSite> largest(int max) {
        if (owners == null) {
            return List.of();
        }
        List<Integer> order = new ArrayList<>();
        for (int index = 0; index < blocks.length; index++) {
            if (blocks[index] > 0) {
                order.add(index);
            }
        }
        order.sort(Comparator.comparingInt((Integer index) -> frames[index]).reversed());
        List<AllocationSite> largest = new ArrayList<>();
        for (int index : order.subList(0, Math.min(max, order.size()))) {
            List<String> lines = owners.siteLines(index + OwnerTracker.SITE_MIN);
            largest.add(new AllocationSite(blocks[index], frames[index], lines));
        }
        return largest;
    }

    /** How many sites hold anything. */
    int count() {
        int count = 0;
        for (int held : blocks) {
            count += held > 0 ? 1 : 0;
        }
        return count;
    }
}
