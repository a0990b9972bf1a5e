package dev.quire.bench.io;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.bench.console.Units;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Subjects in turns, round after round, so that a noisy neighbour meets all of them alike. */
final class Comparison {
    private final IoShape shape;
    private final int rounds;
    private final Console console;

    Comparison(IoShape shape, int rounds, Console console) {
        this.shape = shape;
        this.rounds = rounds;
        this.console = console;
    }

    /**
     * Runs all.
     *
     * @param subjects each by its name once; one that cannot run here is named and left out
     * @param file where the requests go
     * @return the results of every subject, one a round
     * @throws InputException when none can run
     * @throws IOException when none can run, or one fails that ran before
     */
    Map<String, List<IoResult>> run(List<Subject> subjects, MeasuredFile file) throws IOException {
        Map<String, List<IoResult>> results = new LinkedHashMap<>();
        List<Subject> left = new ArrayList<>(subjects);
        for (int round = 1; round <= rounds; round++) {
            for (Subject subject : List.copyOf(left)) {
                try {
                    IoResult result = subject.run(shape, file);
                    results.computeIfAbsent(subject.name(), _ -> new ArrayList<>()).add(result);
                    console.status(
                            "round "
                                    + round
                                    + " of "
                                    + rounds
                                    + ": "
                                    + subject.name()
                                    + " "
                                    + Units.rate(result.iops())
                                    + " requests/s");
                } catch (IOException | InputException e) {
                    left.remove(subject);
                    if (round > 1 || left.isEmpty() || Thread.currentThread().isInterrupted()) {
                        throw e;
                    }
                    console.note("left out: " + subject.name() + ": " + Failures.describe(e));
                }
            }
        }
        return results;
    }
}
