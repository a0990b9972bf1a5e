package dev.quire.pagecache.lru;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * RTQ as it was designed, for one thread: page numbers in queues, shadows in a map that forgets
 * nothing, a victim only when the cache is full. What the concurrent policy is measured against.
 */
public final class RtqModel {
    private static final int USES_MAX = 3;

    private enum List {
        YOUNG,
        OLD,
        MAIN
    }

    private static final class Page {
        final long number;
        int uses;
        long stamp;

        Page(long number) {
            this.number = number;
        }
    }

    private record Shadow(boolean fromMain, long stamp, long eviction) {}

    private final int capacity;
    private final Map<Long, Page> cached = new HashMap<>();
    private final Map<Long, Shadow> shadows = new HashMap<>();
    private final Queue<Page> young = new ArrayDeque<>();
    private final Queue<Page> old = new ArrayDeque<>();
    private final Queue<Page> main = new ArrayDeque<>();
    private int probationTarget;
    private long misses;
    private long probationEvictions;
    private long mainEvictions;

    public RtqModel(int capacity) {
        this.capacity = capacity;
        probationTarget = Math.max(1, capacity / 10);
    }

    public long misses() {
        return misses;
    }

    /** Answers whether the page was cached. */
    public boolean access(long number) {
        Page page = cached.get(number);
        if (page != null) {
            page.uses = Math.min(USES_MAX, page.uses + 1);
            return true;
        }
        misses++;
        Shadow shadow = shadows.remove(number);
        boolean toMain = shadow != null && belongsToMain(shadow);
        while (cached.size() >= capacity) {
            evict();
        }
        page = new Page(number);
        page.stamp = misses;
        cached.put(number, page);
        if (toMain) {
            enter(page, List.MAIN);
        } else {
            enter(page, List.YOUNG);
            crossMiddle();
        }
        return false;
    }

    private void enter(Page page, List list) {
        queue(list).add(page);
    }

    private Queue<Page> queue(List list) {
        return switch (list) {
            case YOUNG -> young;
            case OLD -> old;
            case MAIN -> main;
        };
    }

    private int probation() {
        return young.size() + old.size();
    }

    private void crossMiddle() {
        while (young.size() > Math.max(1, probationTarget / 2)) {
            Page page = young.remove();
            page.uses = 0;
            enter(page, List.OLD);
        }
    }

    private boolean belongsToMain(Shadow shadow) {
        adapt(shadow);
        if (misses - shadow.stamp > 4L * capacity) {
            return false;
        }
        return main.size() < capacity - probationTarget || mainVictim().stamp <= shadow.stamp;
    }

    private void adapt(Shadow shadow) {
        int window = Math.max(1, capacity / 10);
        if (!shadow.fromMain && probationEvictions - shadow.eviction <= window) {
            probationTarget = Math.min(probationTarget + 1, Math.max(1, capacity / 2));
        } else if (shadow.fromMain && mainEvictions - shadow.eviction <= window) {
            probationTarget = Math.max(probationTarget - 1, Math.max(1, capacity / 100));
        }
    }

    /** The next page of the main list that was not used lately; stays where it is. */
    private Page mainVictim() {
        while (main.element().uses > 0) {
            Page page = main.remove();
            page.uses--;
            page.stamp = misses;
            main.add(page);
        }
        return main.element();
    }

    /** Takes one page out, or moves one to the main list. */
    private void evict() {
        boolean fromMain = probation() < probationTarget && !main.isEmpty();
        if (fromMain) {
            Page page = mainVictim();
            main.remove();
            leave(page, new Shadow(true, page.stamp, ++mainEvictions));
            return;
        }
        Page page = old.isEmpty() ? young.remove() : old.remove();
        if (page.uses > 0) {
            page.uses = 0;
            page.stamp = misses;
            enter(page, List.MAIN);
        } else {
            leave(page, new Shadow(false, page.stamp, ++probationEvictions));
        }
    }

    private void leave(Page page, Shadow shadow) {
        cached.remove(page.number);
        shadows.put(page.number, shadow);
    }
}
