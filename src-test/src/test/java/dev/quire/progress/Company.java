package dev.quire.progress;

import dev.quire.weave.Site;
import dev.quire.weave.WovenLoader;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/**
 * Plays a scene: lets one actor go on for some points, then another, and now and then, while all of
 * them are held up where they happen to be, others, who must come to their end without waiting.
 */
final class Company {
    /** Decides whether others may wait where they do. */
    interface Judge {
        /**
         * One of the others waits.
         *
         * @param probe for what it does
         * @param other who
         * @param held the actors, held up or waiting themselves
         * @return whether he may; if not, the play has failed
         */
        boolean mayWait(Probe probe, Puppet other, List<Puppet> held);
    }

    /** The probe that chooses the others: it looks at pages without waiting. */
    static final String CHOOSE = "choose";

    /** So far goes who goes round and round, or so often looks who waits. */
    private static final int POINTS_MAX = 2_000_000;

    private static final int LOOKS_MAX = 300;

    /** Who spins for a while, and then goes on without, may do so for each of many pages. */
    private static final int SPINS_MAX = 50_000;

    private static final int STORIES_MAX = 6;
    private static final int TURNS = 100;

    /** How far an actor goes at a time: mostly a few points, now and then some thousand. */
    private static final int POINTS_LOG = 13;

    private static final long FINISH_NANOS_MAX = 20_000_000_000L;

    /** Thread ids decide which frame cache is whose: the same in each run. */
    private static final int IDS_ALIGNED = 256;

    private final WovenLoader loader;
    private final Supplier<Scene> scenes;
    private final Judge judge;

    /** Where somebody was held up while others went on. */
    private final BitSet heldUpAt = new BitSet();

    private long checks;

    Company(WovenLoader loader, Supplier<Scene> scenes, Judge judge) {
        this.loader = loader;
        this.scenes = scenes;
        this.judge = judge;
    }

    /** Points, each by a name of its own, which is the same in each run. */
    private List<String> names() {
        List<String> names = new ArrayList<>();
        Map<String, Integer> equal = new HashMap<>();
        for (Site site : loader.sites()) {
            int count = equal.merge(site.place(), 1, Integer::sum);
            names.add(count == 1 ? site.place() : site.place() + " #" + count);
        }
        return names;
    }

    /** The points at which nobody was ever held up while others went on. */
    List<Site> missed() {
        return loader.sites().stream().filter(site -> !heldUpAt.get(site.number())).toList();
    }

    /** How often others went on while all actors were held up. */
    long checks() {
        return checks;
    }

    /**
     * Plays once.
     *
     * @param seed decides everything
     * @param actorCount how many may be held up at a time
     * @param target a point at which whoever comes there is held up; -1 for none
     */
    void play(long seed, int actorCount, int target) {
        String name = target < 0 ? "" : names().get(target);
        play(new Replay(seed, actorCount, name), target);
    }

    /** Plays what was played before. */
    void play(Replay replay) {
        int target = replay.target().isEmpty() ? -1 : names().indexOf(replay.target());
        if (target < 0 && !replay.target().isEmpty()) {
            throw new IllegalArgumentException("no such point: " + replay.target());
        }
        play(replay, target);
    }

    private void play(Replay replay, int target) {
        long seed = replay.seed();
        int actorCount = replay.actors();
        alignThreadIds();
        Random random = new Random(seed);
        Scene scene = scenes.get();
        scene.open(random.nextLong(), actorCount);
        List<Puppet> held = new ArrayList<>();
        try {
            play(scene, random, actorCount, target, held);
            scene.close();
        } catch (RuntimeException | Error e) {
            throw new AssertionError(e.getMessage() + story(held) + "\nagain: " + replay, e);
        }
    }

    private void play(Scene scene, Random random, int actorCount, int target, List<Puppet> held) {
        @Nullable Puppet[] actors = new @Nullable Puppet[actorCount];
        BitSet seen = new BitSet();
        List<Puppet> started = new ArrayList<>(); // by actors, or others
        Puppet.takeStarted(); // of a play that failed
        for (int turn = 0; turn < TURNS; turn++) {
            started.removeIf(Puppet::isDone);
            int number = random.nextInt(actorCount + started.size());
            Puppet actor = number < actorCount ? actors[number] : started.get(number - actorCount);
            if (actor == null || actor.isDone()) {
                actor = new Puppet(threads(random), () -> scene.act(number));
                actors[number] = actor;
                held.add(actor);
            }
            int points = 1 + random.nextInt(1 << random.nextInt(POINTS_LOG));
            boolean reached = go(actor, points, target, seen);
            lookAgain(held);
            if (reached || random.nextInt(3) == 0) {
                letOthersGoOn(scene, held, random);
            }
            List<Puppet> born = Puppet.takeStarted();
            started.addAll(born);
            held.addAll(born);
        }
        finish(scene, held);
    }

    /** Those who wait may go on by now. */
    private static void lookAgain(List<Puppet> held) {
        for (Puppet puppet : held) {
            if (puppet.isWaiting()) {
                puppet.run(site -> false);
            }
        }
        held.removeIf(Puppet::isDone);
    }

    private static void alignThreadIds() {
        Thread thread;
        do {
            thread = new Thread(() -> {});
        } while (thread.threadId() % IDS_ALIGNED != 0);
    }

    private static ThreadFactory threads(Random random) {
        return random.nextInt(4) == 0
                ? Thread.ofVirtual().factory()
                : Thread.ofPlatform().daemon().factory();
    }

    /**
     * Lets an actor go on for so many points, but not past the target, or, if there is none, one at
     * which nobody was held up in this play; answers whether it is the target.
     */
    private static boolean go(Puppet actor, int points, int target, BitSet seen) {
        int[] left = {points};
        actor.run(site -> --left[0] <= 0 || site == target || (target < 0 && !seen.get(site)));
        if (actor.isAtPoint()) {
            seen.set(actor.site());
        }
        return actor.isAtPoint() && actor.site() == target;
    }

    private void letOthersGoOn(Scene scene, List<Puppet> held, Random random) {
        for (Puppet actor : held) {
            if (actor.isAtPoint()) {
                heldUpAt.set(actor.site());
            }
        }
        checks++;
        List<Probe> probes = new ArrayList<>();
        Probe choose = new Probe(CHOOSE, "what to do", () -> probes.addAll(scene.probes()));
        letGoOn(choose, held, random);
        for (Probe probe : probes) {
            letGoOn(probe, held, random);
        }
    }

    private void letGoOn(Probe probe, List<Puppet> held, Random random) {
        Puppet other = new Puppet(threads(random), probe.work());
        if (comesToItsEnd(other)) {
            return;
        }
        if (!judge.mayWait(probe, other, List.copyOf(held))) {
            throw new AssertionError(
                    "%s of %s waits for %s%s"
                            .formatted(
                                    probe.kind(), probe.about(), other.waitsFor(), other.story()));
        }
        held.add(other);
    }

    /** Answers false if it waits. */
    private static boolean comesToItsEnd(Puppet other) {
        int[] left = {POINTS_MAX};
        int spins = 0;
        for (int looks = 0; looks < LOOKS_MAX && spins < SPINS_MAX; ) {
            if (other.run(site -> --left[0] <= 0) == Puppet.Stop.DONE) {
                return true;
            }
            if (left[0] <= 0) {
                throw new AssertionError("goes round and round" + other.story());
            }
            boolean spinning = Waits.SPIN.equals(other.waitsFor());
            spins += spinning ? 1 : 0;
            looks += spinning ? 0 : 1;
        }
        return false;
    }

    /** Whoever is held up goes on, all in turns, until everybody is done. */
    private static void finish(Scene scene, List<Puppet> held) {
        long start = System.nanoTime();
        while (!held.isEmpty()) {
            held.add(new Puppet(Thread.ofPlatform().daemon().factory(), scene::ease));
            for (Puppet actor : held) {
                actor.run(site -> false);
            }
            held.removeIf(Puppet::isDone);
            held.addAll(Puppet.takeStarted());
            if (System.nanoTime() - start > FINISH_NANOS_MAX) {
                throw new AssertionError("they wait, and nobody is held up any more");
            }
        }
    }

    // ---- what is told of a failure

    private String story(List<Puppet> held) {
        StringBuilder story = new StringBuilder();
        for (Puppet puppet : held.subList(0, Math.min(STORIES_MAX, held.size()))) {
            story.append(puppet.isWaiting() ? "\nwaits for " + puppet.waitsFor() : "\nheld up");
            if (puppet.isAtPoint()) {
                story.append(" before ").append(loader.site(puppet.site()));
            }
            story.append(puppet.story());
        }
        return story.toString();
    }
}
