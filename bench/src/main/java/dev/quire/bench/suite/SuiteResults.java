package dev.quire.bench.suite;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;

import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Names;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What came of a run, and where it ran.
 *
 * @param results the figures, in the order in which they came
 * @param date of the run
 * @param machine and the JVM
 * @param load how many threads wanted to run for each processor before the run began; 0 where the
 *     system does not say
 * @param command as it was typed
 * @param pace how long everything was measured
 * @param flags of the JVMs: of {@code all}, and what single subjects had beside
 * @param leftOut what could not be measured, and why
 */
public record SuiteResults(
        List<Measurement> results,
        String date,
        String machine,
        double load,
        String command,
        String pace,
        SequencedMap<String, String> flags,
        List<String> leftOut) {

    /** The object for programs. */
    JsonObject json() {
        JsonObject flagsOfAll = new JsonObject();
        flags.forEach(flagsOfAll::put);
        return new JsonObject()
                .put("results", results.stream().map(Measurement::json).toList())
                .put("date", date)
                .put("machine", machine)
                .put("load", load)
                .put("command", command)
                .put("pace", pace)
                .put("flags", flagsOfAll)
                .put(
                        "leftOut",
                        leftOut.stream().map(why -> new JsonObject().put("what", why)).toList());
    }

    /**
     * Reads what was recorded.
     *
     * @param file with the object for programs
     * @throws InputException when it is none
     */
    static SuiteResults read(Path file) {
        try {
            Recorded recorded = new Gson().fromJson(Files.readString(file), Recorded.class);
            if (recorded == null || recorded.results == null || recorded.results.isEmpty()) {
                throw new InputException("no results are in it: --from=" + file);
            }
            return recorded.results(file);
        } catch (IOException | JsonParseException | NullPointerException e) {
            throw new InputException(
                    "no results can be read (" + Failures.describe(e) + "): --from=" + file, e);
        }
    }

    /** As it lies in a file: anything may be missing. */
    @SuppressWarnings("NullAway.Init") // by Gson
    private static final class Recorded {
        private List<Measurement> results;
        private String date;
        private String machine;
        private double load;
        private String command;
        private String pace;
        private LinkedHashMap<String, String> flags;
        private List<Map<String, String>> leftOut;

        SuiteResults results(Path file) {
            List<String> whys = new ArrayList<>();
            for (Measurement each : results) {
                Objects.requireNonNull(each.group(), "group");
                if (!Names.of(Group.class).contains(each.group())) {
                    throw new InputException(
                            "a group of these results is not one of "
                                    + String.join(", ", Names.of(Group.class))
                                    + ": "
                                    + each.group()
                                    + ", --from="
                                    + file);
                }
                Objects.requireNonNull(each.scenario(), "case");
                Objects.requireNonNull(each.subject(), "subject");
                Objects.requireNonNull(each.unit(), "unit");
            }
            leftOut.forEach(each -> whys.add(each.getOrDefault("what", "")));
            return new SuiteResults(
                    List.copyOf(results),
                    Objects.requireNonNull(date, "date"),
                    Objects.requireNonNull(machine, "machine"),
                    load,
                    Objects.requireNonNull(command, "command"),
                    Objects.requireNonNull(pace, "pace"),
                    Objects.requireNonNull(flags, "flags"),
                    whys);
        }
    }

    /** The same of some groups alone. */
    SuiteResults only(Set<Group> groups) {
        Set<String> names = groups.stream().map(Group::toString).collect(Collectors.toSet());
        return new SuiteResults(
                results.stream().filter(each -> names.contains(each.group())).toList(),
                date,
                machine,
                load,
                command,
                pace,
                flags,
                // Each begins with the name of its group.
                leftOut.stream().filter(why -> names.contains(why.split("\\W", 2)[0])).toList());
    }

    /** What there is before the end of a run: it says that some groups are not in it. */
    SuiteResults without(Set<Group> left) {
        List<String> whys = new ArrayList<>(leftOut);
        left.forEach(group -> whys.add(group + ": the run had not come to it"));
        return new SuiteResults(
                List.copyOf(results), date, machine, load, command, pace, flags, whys);
    }

    /** The groups of which there are figures, in the order of groups. */
    List<Group> groups() {
        return Arrays.stream(Group.values()).filter(group -> !rows(group).isEmpty()).toList();
    }

    /** The figures of a group, by case and number of threads, each in the order they came. */
    SequencedMap<Row, List<Measurement>> rows(Group group) {
        SequencedMap<Row, List<Measurement>> rows = new LinkedHashMap<>();
        for (Measurement each : results) {
            if (each.group().equals(group.toString())) {
                rows.computeIfAbsent(
                                new Row(each.scenario(), each.threads()), _ -> new ArrayList<>())
                        .add(each);
            }
        }
        return rows;
    }

    /**
     * What is compared with each other.
     *
     * @param scenario what was done
     * @param threads by how many threads
     */
    record Row(String scenario, int threads) {}
}
