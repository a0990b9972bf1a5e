package dev.quire.allocator.frame;

import static dev.quire.allocator.frame.FrameState.REFUSED;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The life of a frame as it is drawn in the package's documentation, against the life that the code
 * allows: every word that can be reached from a free frame's, with up to two references and a pin,
 * through every transition (S1.1 to S1.5, S1.7).
 */
class FrameLifeTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/quire/allocator");

    /** {@code FROM -> TO transition, transition who}, of the table in package-info. */
    private static final Pattern DRAWN =
            Pattern.compile("(?m)^ \\* +([A-Z]+) +-> +([A-Z]+) {2,}(\\w+(?:, \\w+)*) {2,}\\S");

    private static final Pattern MOVE =
            Pattern.compile(
                    "\\.move\\(\\s*[^,]+,\\s*FrameState\\.(\\w+),\\s*FrameState\\.(\\w+)\\)");

    /** What set and clear may be used for: flags that have no transition of their own. */
    private static final long[] SINGLE_FLAGS = {
        FrameState.WAITERS,
        FrameState.UPTODATE,
        FrameState.DIRTY,
        FrameState.ACTIVE,
        FrameState.WORKINGSET,
        FrameState.PRIVATE,
        FrameState.READAHEAD,
    };

    /** The frozen word of a page that moves. */
    private static final long MOVES =
            FrameState.FROZEN | FrameState.UPTODATE | FrameState.DIRTY | FrameState.PRIVATE;

    /** What the table means by ANY. */
    private static final List<String> IN_USE =
            List.of("FREE", "SPARE", "LIVE", "LISTED", "DEFERRED", "FROZEN");

    private record Step(String name, LongUnaryOperator operator) {}

    private static List<Step> steps() {
        List<Step> steps =
                new ArrayList<>(
                        List.of(
                                new Step("allocate", FrameState::allocate),
                                new Step("get", FrameState::get),
                                new Step("put", FrameState::put),
                                new Step("pin", FrameState::pin),
                                new Step("unpin", FrameState::unpin),
                                new Step("freeze", word -> FrameState.freeze(word, 1, 0)),
                                new Step("freeze", word -> FrameState.freeze(word, 2, 0)),
                                new Step("unfreeze", word -> FrameState.unfreeze(word, 1)),
                                new Step("unfreeze", word -> FrameState.unfreeze(word, 2)),
                                new Step("free", FrameState::free),
                                new Step("quarantine", FrameState::quarantine),
                                new Step("setLru", FrameState::setLru),
                                new Step("claimLru", FrameState::claimLru),
                                new Step("claimDeferred", FrameState::claimDeferred),
                                new Step("beginMove", FrameState::beginMove),
                                new Step("freezeToMove", FrameState::freezeToMove),
                                new Step("moveIn", word -> FrameState.moveIn(word, MOVES)),
                                new Step("moveOut", FrameState::moveOut),
                                new Step("lockListed", FrameState::lockListed),
                                new Step("freezeListed", FrameState::freezeListed),
                                new Step("takeDeferred", FrameState::takeDeferred),
                                new Step("unfreezeToFill", FrameState::unfreezeToFill),
                                new Step("lock", FrameState::lock),
                                new Step("unlock", FrameState::unlock),
                                new Step("fillDone", FrameState::fillDone),
                                new Step("beginExclusive", FrameState::beginExclusive),
                                new Step("endExclusive", FrameState::endExclusive),
                                new Step("endExclusiveDirty", FrameState::endExclusiveDirty),
                                new Step("beginShared", FrameState::beginShared),
                                new Step("endShared", FrameState::endShared),
                                new Step("beginStamp", FrameState::beginStamp),
                                new Step("endStamp", FrameState::endStamp),
                                new Step("attachPrivate", FrameState::attachPrivate),
                                new Step("detachPrivate", FrameState::detachPrivate),
                                new Step("beginWriteback", FrameState::beginWriteback),
                                new Step("endWriteback", FrameState::endWriteback),
                                new Step("failWriteback", FrameState::failWriteback)));
        for (long flag : SINGLE_FLAGS) {
            steps.add(new Step("set", word -> FrameState.set(word, flag)));
            steps.add(new Step("clear", word -> FrameState.clear(word, flag)));
        }
        return steps;
    }

    private static String state(long word) {
        if (FrameState.any(word, FrameState.QUARANTINED)) {
            return "QUARANTINED";
        }
        if (FrameState.refs(word) > 0) {
            return FrameState.any(word, FrameState.LRU) ? "LISTED" : "LIVE";
        }
        if (FrameState.any(word, FrameState.DEFERRED)) {
            return "DEFERRED";
        }
        if (FrameState.any(word, FrameState.FROZEN)) {
            return "FROZEN";
        }
        assertThat(word).as(FrameState.describe(word)).isIn(FrameState.FREE, FrameState.SPARE);
        return word == FrameState.FREE ? "FREE" : "SPARE";
    }

    /** The moves that main code makes, as steps from one word to another. */
    private static List<Step> moves() throws IOException {
        List<Step> moves = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(name -> name.toString().endsWith(".java")).toList()) {
                String source = Files.readString(file);
                Matcher matcher = MOVE.matcher(source);
                int found = 0;
                while (matcher.find()) {
                    long from = word(matcher.group(1));
                    long to = word(matcher.group(2));
                    moves.add(new Step("move", word -> word == from ? to : REFUSED));
                    found++;
                }
                int calls = source.split("\\.move\\(", -1).length - 1;
                assertThat(found).as("moves of %s", file).isEqualTo(calls);
            }
        }
        assertThat(moves).isNotEmpty();
        return moves;
    }

    private static long word(String name) {
        return switch (name) {
            case "FREE" -> FrameState.FREE;
            case "SPARE" -> FrameState.SPARE;
            case "LIVE" -> FrameState.LIVE;
            default -> throw new AssertionError("a move by a word that is not drawn: " + name);
        };
    }

    @Test
    void shouldAllowTheEdgesThatAreDrawnAndNoOthers() throws IOException {
        List<Step> steps = steps();
        steps.addAll(moves());
        Set<String> edges = new TreeSet<>();
        Set<Long> seen = new HashSet<>(Set.of(FrameState.FREE));
        ArrayDeque<Long> ahead = new ArrayDeque<>(seen);
        while (!ahead.isEmpty()) {
            long word = ahead.remove();
            for (Step step : steps) {
                long next = step.operator.applyAsLong(word);
                if (next == REFUSED || FrameState.refs(next) > 2 || FrameState.pins(next) > 1) {
                    continue;
                }
                String from = state(word);
                String to = state(next);
                if (!from.equals(to)) {
                    edges.add(from + " -> " + to + " " + step.name);
                }
                if (seen.add(next)) {
                    ahead.add(next);
                }
            }
        }
        assertThat(seen).as("words reached").hasSizeGreaterThan(10_000);
        assertThat(edges).isEqualTo(drawn());
    }

    private static Set<String> drawn() throws IOException {
        Set<String> drawn = new TreeSet<>();
        Matcher row = DRAWN.matcher(Files.readString(SOURCES.resolve("frame/package-info.java")));
        while (row.find()) {
            List<String> from = row.group(1).equals("ANY") ? IN_USE : List.of(row.group(1));
            for (String name : row.group(3).split(", ", -1)) {
                from.forEach(state -> drawn.add(state + " -> " + row.group(2) + " " + name));
            }
        }
        return drawn;
    }

    @Test
    void shouldTryEveryTransitionThatThereIs() {
        Set<String> transitions =
                Arrays.stream(FrameState.class.getMethods())
                        .filter(method -> Modifier.isStatic(method.getModifiers()))
                        .filter(FrameLifeTest::isTransition)
                        .map(Method::getName)
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(steps().stream().map(Step::name)).hasSizeGreaterThan(20);
        assertThat(steps().stream().map(Step::name).collect(Collectors.toSet()))
                .isEqualTo(transitions);
    }

    private static boolean isTransition(Method method) {
        return method.getReturnType() == long.class
                && method.getParameterCount() > 0
                && method.getParameterTypes()[0] == long.class;
    }

    @Test
    void shouldLeaveAFreeFrameToItsOwnEdges() { // I1
        for (Step step : steps()) {
            for (long word : new long[] {FrameState.FREE, FrameState.SPARE}) {
                long next = step.operator.applyAsLong(word);
                boolean known =
                        step.name.equals("quarantine")
                                || (step.name.equals("allocate") && word == FrameState.FREE);
                assertThat(next == REFUSED)
                        .as("%s of %s", step.name, state(word))
                        .isNotEqualTo(known);
            }
        }
    }
}
