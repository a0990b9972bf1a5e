package dev.quire.allocator.zone;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The naive zone: free frames as a set; blocks are whatever aligned runs lie in it. */
final class ModelBuddy {
    private final int frameCount;
    private final List<TreeSet<Integer>> lists = new ArrayList<>();

    ModelBuddy(int frameCount) {
        this.frameCount = frameCount;
        for (int order = 0; order <= BuddyZone.ORDER_MAX; order++) {
            lists.add(new TreeSet<>());
        }
        for (int frame = 0; frame < frameCount; frame++) {
            give(frame, 0);
        }
    }

    boolean canAllocate(int order) {
        return lists.subList(order, lists.size()).stream().anyMatch(list -> !list.isEmpty());
    }

    /** Takes the block that the real zone chose, wherever it lies. */
    void take(int head, int order) {
        for (int at = order; at <= BuddyZone.ORDER_MAX; at++) {
            int parent = head & -(1 << at);
            if (lists.get(at).remove(parent)) {
                for (int half = at; half > order; half--) {
                    int length = 1 << (half - 1);
                    boolean lower = (head & length) == 0;
                    lists.get(half - 1).add(lower ? parent + length : parent);
                    parent = lower ? parent : parent + length;
                }
                return;
            }
        }
        throw new AssertionError("not free: head=" + head + ", order=" + order);
    }

    void give(int head, int order) {
        int buddy = head ^ (1 << order);
        if (order < BuddyZone.ORDER_MAX && lists.get(order).remove(buddy)) {
            give(head & buddy, order + 1);
        } else {
            lists.get(order).add(head);
        }
    }

    /** Whether any frame of a block is free, or the block is none. */
    boolean anyFree(int head, int order) {
        int length = 1 << order;
        if (head + length > frameCount || head % length != 0) {
            return true;
        }
        for (int at = 0; at <= BuddyZone.ORDER_MAX; at++) {
            Integer free = lists.get(at).floor(head + length - 1);
            if (free != null && free + (1 << at) > head) {
                return true;
            }
        }
        return false;
    }

    int freeFrames() {
        int frames = 0;
        for (int order = 0; order <= BuddyZone.ORDER_MAX; order++) {
            frames += lists.get(order).size() << order;
        }
        return frames;
    }

    int[] blocks() {
        return lists.stream().mapToInt(TreeSet::size).toArray();
    }
}
