package dev.quire.progress.scene;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.EmptyingBlock;
import dev.quire.allocator.IoMemory;
import dev.quire.allocator.Mobility;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.PinnedMemory;
import dev.quire.allocator.Tracking;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.progress.Probe;
import dev.quire.progress.Scene;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * An allocator of some megabytes. Whoever is held up in it keeps what he has, and what is on its
 * way through his hands, which is bounded; all other frames can be had by others, given back, and
 * had again.
 *
 * <p>What is on its way: a block that is being allocated, freed or trimmed, a batch between a frame
 * cache and the zone; in a drain also the deferred frames that were taken off the stack together,
 * and are freed one by one.
 */
class AllocatorScene implements Scene {
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES_MIN = 2100;
    private static final int FRAMES_MAX = 4500;

    /** Of a refill or a spill of a frame cache, and a block in stock that is of another order. */
    private static final int CACHE_BATCH = 64 + 8;

    private static final int TRIM_BLOCK = 512;
    private static final int BATCH = 40;

    private static final int ROW = 64;

    /** So many blocks are allocated and put one by one. */
    private static final int SOME = 100;

    private static final int OPERATIONS_MAX = 6;

    /** More than a frame cache takes. */
    private static final int CHURNED = 70;

    /** What an actor allocates. */
    private enum Blocks {
        ANY,
        /** Those of several rows, one of which may be gone when the others are taken. */
        OF_ROWS,
        WHOLE_CHILDREN
    }

    /** One of those who are held up. */
    private static final class Actor {
        final Random random;
        final List<Integer> heads = new ArrayList<>();
        final Blocks blocks;
        int frames;
        int underWay;
        boolean drains;
        String doing = "";

        @SuppressWarnings("EnumOrdinal") // any of them
        Actor(Random random) {
            this.random = random;
            blocks = Blocks.values()[random.nextInt(Blocks.values().length)];
        }
    }

    private @Nullable PageAllocator opened;
    private Actor[] actors = {};
    private Random random = new Random(0);
    private int deferredFrames;

    /** Frames that others have until they come again. */
    private final List<Integer> kept = new ArrayList<>();

    private int quarantinedFrames;

    /** Whoever drains has one such block in his hands. */
    private int deferredMost;

    @Override
    public void open(long seed, int count) {
        random = new Random(seed);
        boolean debug = random.nextInt(8) == 0; // slower
        int frames = FRAMES_MIN + (debug ? 0 : random.nextInt(FRAMES_MAX - FRAMES_MIN));
        PageAllocator created =
                PageAllocator.create(
                        AllocatorConfig.builder()
                                .capacityBytes((long) frames * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .cacheFrames(new int[] {0, 8, 64}[random.nextInt(3)])
                                .tracking(debug ? tracking() : Tracking.OFF)
                                .trackingSample(4)
                                .poison(debug)
                                .onBadPage(report -> {})
                                .build());
        created.onDeferred(
                frame -> {
                    long claimed = created.frames().update(frame, FrameState::claimDeferred);
                    deferredFrames -= claimed == FrameState.REFUSED ? 0 : length(frame);
                    return claimed != FrameState.REFUSED;
                });
        opened = created;
        actors = new Actor[count];
        for (int i = 0; i < count; i++) {
            actors[i] = new Actor(new Random(random.nextLong()));
        }
        // From nothing to nearly everything is somebody's.
        Actor first = actors[0];
        int left = random.nextInt(frames);
        while (created.freeFrames() > left) {
            hold(first, created.tryAllocate(first.random.nextInt(9)));
        }
    }

    private Tracking tracking() {
        return random.nextBoolean() ? Tracking.FULL : Tracking.SAMPLED;
    }

    private PageAllocator allocator() {
        if (opened == null) {
            throw new IllegalStateException("not open");
        }
        return opened;
    }

    private FrameTable table() {
        return allocator().frames();
    }

    private int length(int head) {
        return 1 << allocator().order(head);
    }

    // ---- actors

    @Override
    public void act(int number) {
        Actor actor = actors[number];
        for (int i = actor.random.nextInt(OPERATIONS_MAX); i >= 0; i--) {
            actOnce(actor);
        }
    }

    private void actOnce(Actor actor) {
        // Whoever takes large blocks does little else.
        int what = actor.random.nextInt(actor.blocks == Blocks.ANY ? 24 : 3);
        int order =
                switch (actor.blocks) {
                    case ANY -> order(actor.random);
                    case OF_ROWS -> 7 + actor.random.nextInt(2);
                    case WHOLE_CHILDREN -> 9 + actor.random.nextInt(2);
                };
        if (actor.blocks != Blocks.ANY && what == 0 && !actor.heads.isEmpty()) {
            put(actor);
            return;
        }
        switch (what) {
            case 0, 1, 2 -> under(actor, "allocate", 1 << order, () -> allocate(actor, order));
            case 3 -> under(actor, "allocate unmovable", 1 << order, () -> unmovable(actor, order));
            case 4 -> under(actor, "allocateBatch", BATCH, () -> allocateBatch(actor));
            case 5 -> between(actor);
            case 6 -> under(actor, "trim", TRIM_BLOCK, () -> allocator().trim());
            case 7 -> under(actor, "drainCaches", 0, () -> allocator().drainCaches());
            case 8 -> empty(actor);
            case 9 -> register(actor);
            case 10 -> churn(actor);
            case 11 -> fill(actor);
            default -> {
                if (actor.heads.isEmpty()) {
                    under(actor, "allocate", 1, () -> allocate(actor, 0));
                } else {
                    giveBack(actor, what);
                }
            }
        }
    }

    private void giveBack(Actor actor, int what) {
        switch (what) {
            case 12 -> putBatch(actor);
            case 13 -> freezeAndFree(actor);
            case 14 -> getAndPut(actor);
            case 15, 16 -> defer(actor);
            case 17, 18 -> drain(actor);
            case 19 -> quarantine(actor);
            default -> put(actor);
        }
    }

    private static int order(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt(PageAllocator.ORDER_MAX + 1);
            case 1 -> random.nextInt(4);
            case 2 -> 7 + random.nextInt(2); // of several rows
            default -> 0;
        };
    }

    /** Says what an actor does, and how much of it nobody else can find meanwhile. */
    private void under(Actor actor, String doing, int frames, Runnable operation) {
        actor.doing = doing + ", frames=" + frames;
        actor.underWay += frames + CACHE_BATCH;
        guarded(operation);
        actor.underWay -= frames + CACHE_BATCH;
        actor.doing = "";
    }

    /** Twins guard it. */
    void guarded(Runnable operation) {
        operation.run();
    }

    private void hold(Actor actor, int head) {
        if (head != NO_FRAME) {
            actor.heads.add(head);
            actor.frames += length(head);
        }
    }

    private int letGo(Actor actor) {
        int which = actor.random.nextInt(actor.heads.size());
        Integer head = actor.heads.get(which);
        actor.heads.subList(which, which + 1).clear();
        actor.frames -= length(head);
        return head;
    }

    private void allocate(Actor actor, int order) {
        actor.drains = true; // if there is nothing else
        hold(actor, allocator().tryAllocate(order));
        actor.drains = false;
    }

    private void unmovable(Actor actor, int order) {
        hold(actor, allocator().tryAllocate(order, AllocContext.NORMAL, Mobility.UNMOVABLE));
    }

    private void allocateBatch(Actor actor) {
        int[] frames = new int[1 + actor.random.nextInt(BATCH)];
        actor.drains = true;
        int taken = allocator().allocateBatch(frames, 0, frames.length);
        actor.drains = false;
        for (int i = 0; i < taken; i++) {
            hold(actor, frames[i]);
        }
    }

    private void between(Actor actor) {
        int from = actor.random.nextInt(allocator().frameCount() - 600);
        under(
                actor,
                "tryAllocateBetween",
                1,
                () -> hold(actor, allocator().tryAllocateBetween(from, from + 600)));
    }

    private void drain(Actor actor) {
        defer(actor);
        actor.drains = true;
        under(actor, "drainDeferred", 0, () -> allocator().drainDeferred());
        actor.drains = false;
    }

    /** Takes what is free, and gives it back. */
    private void fill(Actor actor) {
        int[] frames = new int[allocator().freeFrames()];
        under(
                actor,
                "fill",
                frames.length,
                () -> {
                    actor.drains = true;
                    int taken = allocator().allocateBatch(frames, 0, frames.length);
                    actor.drains = false;
                    allocator().putBatch(frames, 0, taken);
                });
    }

    private void churn(Actor actor) {
        under(
                actor,
                "allocate and put",
                CHURNED,
                () -> {
                    List<Integer> heads = new ArrayList<>();
                    actor.drains = true;
                    for (int i = 0; i < CHURNED; i++) {
                        int head = allocator().tryAllocate(0);
                        if (head != NO_FRAME) {
                            heads.add(head);
                        }
                    }
                    actor.drains = false;
                    heads.forEach(allocator()::put);
                });
    }

    /** What is freed with a flag that may not be is reported, and out of use from then on. */
    private void quarantine(Actor actor) {
        if (quarantinedFrames > 0) {
            return;
        }
        int head = letGo(actor);
        quarantinedFrames = length(head);
        actor.doing = "put of a dirty page";
        actor.underWay = CACHE_BATCH;
        table().set(allocator().frame(head), FrameState.DIRTY);
        allocator().put(head);
        actor.underWay = 0;
    }

    private void empty(Actor actor) {
        int order = 1 + actor.random.nextInt(9);
        int head = actor.random.nextInt(FRAMES_MIN >>> order) << order;
        under(
                actor,
                "emptying",
                1 << order,
                () -> {
                    EmptyingBlock block = allocator().emptying(head, order);
                    if (block != null) {
                        block.close();
                    }
                });
    }

    private void register(Actor actor) {
        under(actor, "registerSlab", 0, () -> allocator().registerSlab(0).close());
    }

    private void put(Actor actor) {
        int head = letGo(actor);
        under(actor, "put", length(head), () -> allocator().put(head));
    }

    private void putBatch(Actor actor) {
        int[] heads = new int[1 + actor.random.nextInt(Math.min(BATCH, actor.heads.size()))];
        int frames = 0;
        for (int i = 0; i < heads.length; i++) {
            heads[i] = letGo(actor);
            frames += length(heads[i]);
        }
        under(
                actor,
                "putBatch",
                frames,
                () -> {
                    allocator().get(heads[0]);
                    allocator().putBatch(heads, 0, heads.length);
                    allocator().put(heads[0]);
                });
    }

    private void freezeAndFree(Actor actor) {
        int head = letGo(actor);
        under(
                actor,
                "freezeAndFree",
                length(head),
                () -> {
                    if (!allocator().tryFreeze(head, 1)) {
                        throw new IllegalStateException("not ours alone: frame=" + head);
                    }
                    if (actor.random.nextBoolean()) {
                        allocator().unfreeze(head, 1);
                        allocator().put(head);
                    } else {
                        allocator().freeFrozenBatch(new int[] {head}, 0, 1);
                    }
                });
    }

    private void getAndPut(Actor actor) {
        int head = actor.heads.get(actor.random.nextInt(actor.heads.size()));
        under(
                actor,
                "get, pin and put",
                0,
                () -> {
                    allocator().get(head);
                    allocator().tryGet(head);
                    allocator().put(head);
                    allocator().pin(head);
                    PinnedMemory memory = IoMemory.pinned(allocator(), head);
                    allocator().put(head);
                    allocator().unpin(head);
                    memory.close();
                });
    }

    private void defer(Actor actor) {
        int head = letGo(actor);
        under(
                actor,
                "deferred put",
                length(head),
                () -> {
                    table().update(allocator().frame(head), FrameState::setLru);
                    deferredFrames += length(head);
                    deferredMost = Math.max(deferredMost, length(head));
                    allocator().put(head);
                });
    }

    @Override
    public String doing(int actor) {
        return actors[actor].doing;
    }

    // ---- others

    @Override
    public List<Probe> probes() {
        return List.of(new Probe("allocate and free", "all there is", this::others));
    }

    private void others() {
        giveBack(kept);
        kept.clear();
        if (random.nextInt(3) == 0) {
            int expected = findable();
            List<Integer> all = takeAll();
            require(all.size() >= expected, "taken", all.size(), expected);
            giveBack(all);
            allocator().trim();
            allocator().stats();
            allocator().buddyInfo();
        }
        int expected = Math.min(SOME, findable());
        List<Integer> some = new ArrayList<>();
        for (int i = 0; i < SOME; i++) {
            guarded(() -> addTo(some, allocator().tryAllocate(0)));
        }
        require(some.size() >= expected, "taken one by one", some.size(), expected);
        for (int head : some.subList(0, Math.min(4, some.size()))) {
            allocator().get(head);
            allocator().pin(head);
            allocator().put(head);
            allocator().unpin(head);
        }
        giveBack(some);
        for (int i = 0; i < 8; i++) {
            int order = order(random);
            List<Integer> block = new ArrayList<>();
            guarded(() -> addTo(block, allocator().tryAllocate(order)));
            giveBack(block);
        }
        if (random.nextBoolean()) {
            spoil();
        }
    }

    /** Takes a frame out of each row, for a while: who has taken some of them finds one gone. */
    private void spoil() {
        for (int row = 0; row + ROW <= allocator().frameCount(); row += ROW) {
            int first = row;
            guarded(() -> addTo(kept, allocator().tryAllocateBetween(first, first + ROW)));
        }
    }

    private static void addTo(List<Integer> heads, int head) {
        if (head != NO_FRAME) {
            heads.add(head);
        }
    }

    private List<Integer> takeAll() {
        List<Integer> all = new ArrayList<>();
        int[] batch = new int[512];
        int[] taken = new int[1];
        do {
            guarded(() -> taken[0] = allocator().allocateBatch(batch, 0, batch.length));
            Arrays.stream(batch, 0, taken[0]).forEach(all::add);
        } while (taken[0] > 0);
        guarded(() -> addTo(all, allocator().tryAllocate(0)));
        return all;
    }

    /** Some one by one, some while they are on a list, the others together. */
    private void giveBack(List<Integer> all) {
        int singles = Math.min(SOME, all.size());
        for (int i = 0; i < singles; i++) {
            int head = all.get(i);
            if (i % 8 == 0) {
                table().update(allocator().frame(head), FrameState::setLru);
                deferredFrames += length(head);
            }
            guarded(() -> allocator().put(head));
        }
        int[] rest = all.stream().skip(singles).mapToInt(head -> head).toArray();
        guarded(() -> allocator().putBatch(rest, 0, rest.length));
        allocator().drainDeferred();
    }

    /** Frames that are neither somebody's nor in somebody's hands. */
    private int findable() {
        int findable = allocator().frameCount() - quarantinedFrames - kept.size();
        boolean drains = false;
        for (Actor actor : actors) {
            findable -= actor.frames + actor.underWay + (actor.drains ? deferredMost : 0);
            drains |= actor.drains;
        }
        return drains ? findable - deferredFrames : findable;
    }

    private static void require(boolean holds, String what, int found, int expected) {
        if (!holds) {
            throw new IllegalStateException(
                    "fewer frames were %s than nobody has: %d of %d"
                            .formatted(what, found, expected));
        }
    }

    @Override
    public void close() {
        giveBack(kept);
        for (Actor actor : actors) {
            while (!actor.heads.isEmpty()) {
                allocator().put(letGo(actor));
            }
        }
        allocator().drainDeferred();
        allocator().drainCaches();
        int expected = allocator().frameCount() - quarantinedFrames;
        require(
                allocator().freeFrames() == expected && deferredFrames == 0,
                "free in the end",
                allocator().freeFrames(),
                expected);
        allocator().verify();
        allocator().close();
    }
}
