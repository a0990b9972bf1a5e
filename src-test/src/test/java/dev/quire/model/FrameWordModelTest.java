package dev.quire.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Every order of the steps of three threads ({@code -Dframeword.threads=N} for more) that pin,
 * read, hold, write, write back, evict, move, cut off and drain one page, and take its frames as
 * one block: I1 to I7 hold in each world that can be reached, each frame is freed once (S1.4), no
 * write is lost (S3.5, S4.10), pinned pages stay (S3.2). Threads are sequentially consistent here;
 * what weaker memory does is for jcstress.
 */
class FrameWordModelTest {
    private static final int THREADS = Integer.getInteger("frameword.threads", 3);

    /** All that are right, each in every company of others. */
    static Stream<List<Program>> companies() {
        List<Program> right =
                Arrays.stream(Program.values()).filter(program -> !program.isWrong()).toList();
        List<List<Program>> companies = new ArrayList<>();
        add(right, 0, List.of(), companies);
        return companies.stream();
    }

    private static void add(
            List<Program> right, int from, List<Program> sofar, List<List<Program>> companies) {
        if (sofar.size() == THREADS) {
            companies.add(sofar);
            return;
        }
        for (int i = from; i < right.size(); i++) {
            List<Program> more = new ArrayList<>(sofar);
            more.add(right.get(i));
            add(right, i, more, companies);
        }
    }

    @ParameterizedTest
    @MethodSource("companies")
    void shouldHoldInEveryWorld(List<Program> programs) {
        assertThat(explore(programs, World.cached(THREADS))).as("worlds").isGreaterThan(THREADS);
        assertThat(explore(programs, new World(THREADS))).as("worlds").isPositive();
    }

    /**
     * A lock without a reference, as takeovers had at first, is found with a fourth thread only.
     */
    @Test
    void shouldHoldWhenAFrameIsTakenOverWhileItsPageIsCutAndDrained() {
        List<Program> programs =
                List.of(Program.EVICT, Program.CUT, Program.TAKE_OVER, Program.DRAIN);
        assertThat(explore(programs, World.cached(4))).as("worlds").isGreaterThan(100);
    }

    /** A step left out, or in the wrong order, breaks a rule in some world. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_ANY,
            names = {".*_WITHOUT_.*", ".*_FIRST", ".*_DIRTY", ".*_FREE"})
    void shouldNoticeAProgramThatIsWrong(Program wrong) {
        assertThatThrownBy(
                        () ->
                                companies()
                                        .forEach(
                                                company -> {
                                                    List<Program> with = new ArrayList<>(company);
                                                    with.set(0, wrong);
                                                    explore(with, World.cached(THREADS));
                                                }))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void shouldReachPagesThatAreFreedLater() {
        boolean[] deferred = new boolean[1];
        explore(
                List.of(Program.EVICT, Program.CUT, Program.DRAIN),
                World.cached(3),
                world -> deferred[0] |= world.deferred[0]);
        assertThat(deferred[0]).as("a world with a deferred frame (S1)").isTrue();
    }

    private static int explore(List<Program> programs, World first) {
        return explore(programs, first, world -> {});
    }

    private interface Visitor {
        void visit(World world);
    }

    /** Answers how many worlds there are; fails with the steps that lead to one that is wrong. */
    private static int explore(List<Program> programs, World first, Visitor visitor) {
        Set<World.Key> known = new HashSet<>();
        IdentityHashMap<World, World> before = new IdentityHashMap<>();
        Deque<World> open = new ArrayDeque<>();
        known.add(first.key());
        open.add(first);
        while (!open.isEmpty()) {
            World world = open.remove();
            visitor.visit(world);
            boolean all = true;
            for (int thread = 0; thread < programs.size(); thread++) {
                if (world.at[thread] == Program.DONE) {
                    continue;
                }
                all = false;
                World next = world.copy();
                try {
                    next.at[thread] = programs.get(thread).step(next, thread, next.at[thread]);
                    next.verify();
                } catch (World.BrokenRule e) {
                    throw new AssertionError(
                            e.getMessage() + ", after\n" + story(before, world, programs) + next,
                            e);
                }
                if (known.add(next.key())) {
                    before.put(next, world);
                    open.add(next);
                }
            }
            if (all) {
                try {
                    world.copy().verifyEnd();
                } catch (World.BrokenRule e) {
                    throw new AssertionError(
                            "at the end, "
                                    + e.getMessage()
                                    + ", after\n"
                                    + story(before, world, programs),
                            e);
                }
            }
        }
        return known.size();
    }

    private static String story(
            IdentityHashMap<World, World> before, World last, List<Program> programs) {
        Deque<String> lines = new ArrayDeque<>();
        for (World at = last; at != null; at = before.get(at)) {
            lines.addFirst(Arrays.toString(at.at) + " " + at);
        }
        return programs + "\n" + String.join("\n", lines) + "\n";
    }
}
