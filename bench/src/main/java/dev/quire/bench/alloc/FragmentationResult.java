package dev.quire.bench.alloc;

import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Units;

import java.util.ArrayList;
import java.util.List;

/**
 * What a zone had left.
 *
 * @param possibleHuge huge blocks that the free half of the frames could be
 * @param freeHuge huge blocks that were free: before the first round, and after each
 * @param nanos how long all of it took
 */
public record FragmentationResult(int possibleHuge, List<Integer> freeHuge, long nanos) {
    /**
     * The share of huge blocks that were free in the end.
     *
     * @return 0..1
     */
    public double recovered() {
        return (double) freeHuge.getLast() / possibleHuge;
    }

    /**
     * For a person.
     *
     * @return one line
     */
    public String line() {
        StringBuilder line = new StringBuilder("free huge blocks after round ");
        for (int round : rounds()) {
            line.append(round).append(": ").append(freeHuge.get(round)).append(", ");
        }
        return line.append("of ")
                .append(possibleHuge)
                .append(" = ")
                .append(Units.percent(recovered()))
                .append(", in ")
                .append(Units.nanos(nanos))
                .toString();
    }

    /**
     * For a program.
     *
     * @return every number of it
     */
    public JsonObject json() {
        JsonObject after = new JsonObject();
        for (int round : rounds()) {
            after.put(Integer.toString(round), freeHuge.get(round));
        }
        return new JsonObject()
                .put("recovered", recovered())
                .put("possibleHuge", possibleHuge)
                .put("freeHugeAfterRound", after)
                .put("seconds", nanos / 1e9);
    }

    /** 0, then 1, 2, 5, 10 and so on, and the last. */
    private List<Integer> rounds() {
        int last = freeHuge.size() - 1;
        List<Integer> rounds = new ArrayList<>(List.of(0));
        for (int ten = 1; ten < last; ten *= 10) {
            for (int step : new int[] {1, 2, 5}) {
                if (step * ten < last) {
                    rounds.add(step * ten);
                }
            }
        }
        if (last > 0) {
            rounds.add(last);
        }
        return rounds;
    }
}
