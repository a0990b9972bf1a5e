package dev.quire.bench.io;

import dev.quire.aio.WriteDurability;
import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Names;
import dev.quire.bench.console.Units;

import java.util.Locale;

/**
 * One measurement in lines for people and an object for programs.
 *
 * @param settings what was asked for
 * @param file where the requests went
 * @param result what was found
 */
record IoReport(IoSettings settings, MeasuredFile file, IoResult result) {

    /** The lines for people. */
    String table() {
        return String.join(
                System.lineSeparator(),
                row("io", headline(settings.shape(), file)),
                row("engine", engine() + (settings.fixed() ? ", fixed memory" : "")),
                row(
                        "throughput",
                        Units.rate(result.iops())
                                + " requests/s, "
                                + Units.bytes((long) result.bytesPerSecond())
                                + "/s, measured for "
                                + settings.shape().seconds()
                                + " s"),
                row(
                        "latency",
                        "p50 "
                                + Units.nanos(result.latency().nanosAt(50))
                                + ", p99 "
                                + Units.nanos(result.latency().nanosAt(99))
                                + ", p99.9 "
                                + Units.nanos(result.latency().nanosAt(99.9))
                                + ", max "
                                + Units.nanos(result.latency().maxNanos())),
                row(
                        "processor",
                        Double.isNaN(result.cpuNanosPerIo())
                                ? "not known"
                                : Units.nanos((long) result.cpuNanosPerIo()) + " a request"),
                row("errors", Long.toString(result.errors())));
    }

    /** The object for programs. */
    JsonObject json() {
        return result.put(settingsOf(new JsonObject().put("engine", engine()), settings, file));
    }

    /** What is measured, in a few words. */
    static String headline(IoShape shape, MeasuredFile file) {
        return String.format(
                Locale.ROOT,
                "%s of %s, %s%s, depth %d, jobs %d, %s of %s",
                shape.pattern(),
                Units.bytes(shape.blockBytes()),
                shape.direct() ? "direct" : "buffered",
                shape.durability() == WriteDurability.NONE
                        ? ""
                        : ", " + Names.of(shape.durability()),
                shape.depth(),
                shape.jobs(),
                Units.bytes(file.bytes()),
                file.path());
    }

    /** Adds what is measured. */
    static JsonObject settingsOf(JsonObject json, IoSettings settings, MeasuredFile file) {
        IoShape shape = settings.shape();
        return json.put("pattern", shape.pattern().toString())
                .put("blockBytes", shape.blockBytes())
                .put("depth", shape.depth())
                .put("jobs", shape.jobs())
                .put("direct", shape.direct())
                .put("fixed", settings.fixed())
                .put("rings", settings.rings())
                .put("durability", Names.of(shape.durability()))
                .put("seconds", shape.seconds())
                .put("file", file.path().toString())
                .put("fileBytes", file.bytes());
    }

    /** AUTO has become another one; what else was asked of it has keys of its own. */
    private String engine() {
        return result.subject().replace(EngineSubject.FIXED, "");
    }

    private static String row(String name, String text) {
        return String.format(Locale.ROOT, "%-12s%s", name, text);
    }
}
