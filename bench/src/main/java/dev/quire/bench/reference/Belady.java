package dev.quire.bench.reference;

import dev.quire.bench.trace.Trace;

import java.util.Arrays;

/**
 * The optimum: gives up the page whose next use is furthest away. No policy that keeps each page it
 * is asked for has more hits.
 *
 * <p>Source: Belady, "A study of replacement algorithms for a virtual-storage computer", 1966.
 */
final class Belady implements ReferenceCache {
    private final int frames;
    private final Trace trace;

    /** When the page of each access is used next; a time of its own beyond the end if never. */
    private final int[] nextUse;

    private final boolean[] cached;
    private final LargestFirst uses = new LargestFirst();
    private int cachedPages;
    private int now;

    Belady(int frames, Trace trace) {
        this.frames = frames;
        this.trace = trace;
        cached = new boolean[trace.pageCount()];
        nextUse = new int[trace.accesses()];
        int[] next = new int[trace.pageCount()];
        Arrays.setAll(next, page -> trace.accesses() + page);
        for (int access = trace.accesses() - 1; access >= 0; access--) {
            int page = trace.page(access);
            nextUse[access] = next[page];
            next[page] = access;
        }
    }

    @Override
    public boolean access(int page) {
        boolean hit = cached[page];
        if (!hit) {
            if (cachedPages == frames) {
                // Uses that lie behind us stay in the heap, but below those of all cached pages.
                cached[pageUsedAt(uses.removeLargest())] = false;
            } else {
                cachedPages++;
            }
            cached[page] = true;
        }
        uses.add(nextUse[now++]);
        return hit;
    }

    private int pageUsedAt(int time) {
        return time < trace.accesses() ? trace.page(time) : time - trace.accesses();
    }

    /** A heap of whole numbers; a queue of the JDK's would box two million of them. */
    private static final class LargestFirst {
        private int[] heap = new int[1024];
        private int size;

        void add(int value) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, 2 * size);
            }
            int at = size++;
            while (at > 0 && heap[(at - 1) / 2] < value) {
                heap[at] = heap[(at - 1) / 2];
                at = (at - 1) / 2;
            }
            heap[at] = value;
        }

        int removeLargest() {
            int largest = heap[0];
            int last = heap[--size];
            int at = 0;
            int child = largerChild(at);
            while (child < size && heap[child] > last) {
                heap[at] = heap[child];
                at = child;
                child = largerChild(at);
            }
            heap[at] = last;
            return largest;
        }

        private int largerChild(int parent) {
            int left = 2 * parent + 1;
            return left + 1 < size && heap[left + 1] > heap[left] ? left + 1 : left;
        }
    }
}
