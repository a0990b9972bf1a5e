package dev.quire.bench;

import dev.quire.bench.alloc.ChurnedZone;
import dev.quire.bench.alloc.Fragmentation;
import dev.quire.bench.alloc.FragmentationOptions;
import dev.quire.bench.alloc.FragmentationResult;
import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Names;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/** {@code quire fragmentation}: churns frames until huge blocks are rare. */
@Command(
        name = "fragmentation",
        mixinStandardHelpOptions = true,
        versionProvider = Quire.Version.class,
        sortOptions = false,
        description = {
            "Takes every frame of a zone, gives a random half back, and then, in each round, gives"
                + " a random tenth of the rest back and takes as many again. Prints how many huge"
                + " blocks (512 aligned frames) are free after that. No frame's memory is touched.",
            ""
        })
final class FragmentationCommand implements Callable<Integer> {
    private static final String DEFAULT = " (default: ${DEFAULT-VALUE})";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--zone",
            paramLabel = "<name>",
            split = ",",
            description = "what is churned: ${COMPLETION-CANDIDATES} (default: each of them)")
    private @Nullable List<ChurnedZone> zones;

    @Option(
            names = "--frames",
            paramLabel = "<n>",
            description = "frames of the zone" + DEFAULT,
            defaultValue = "2097152")
    private int frames;

    @Option(
            names = "--rounds",
            paramLabel = "<n>",
            description = "rounds" + DEFAULT,
            defaultValue = "100")
    private int rounds;

    @Option(
            names = "--threads",
            paramLabel = "<n>",
            description = "threads that share the frames" + DEFAULT,
            defaultValue = "2")
    private int threads;

    @Option(
            names = "--batch",
            paramLabel = "<n>",
            description =
                    "frames that a thread gives back before it takes as many again; 0: its whole"
                            + " tenth"
                            + DEFAULT,
            defaultValue = "0")
    private int batch;

    @Option(
            names = "--seed",
            paramLabel = "<n>",
            description = "of the random numbers" + DEFAULT,
            defaultValue = "42")
    private long seed;

    @Option(names = "--json", description = "print a JSON object as the last line")
    private boolean json;

    FragmentationCommand() {}

    @Override
    public Integer call() throws IOException {
        FragmentationOptions options =
                new FragmentationOptions(frames, rounds, threads, batch, seed);
        JsonObject results = new JsonObject();
        PrintWriter out = spec.commandLine().getOut();
        for (ChurnedZone zone : chosen()) {
            FragmentationResult result = Fragmentation.run(options, zone);
            String name = Names.of(zone);
            out.println(name + ": " + result.line());
            out.flush();
            results.put(name, result.json());
        }
        if (json) {
            out.println(
                    new JsonObject()
                            .put("frames", frames)
                            .put("rounds", rounds)
                            .put("threads", threads)
                            .put("batch", batch)
                            .put("seed", seed)
                            .put("zones", results));
            out.flush();
        }
        return Quire.OK;
    }

    private Set<ChurnedZone> chosen() {
        return EnumSet.copyOf(zones == null ? Arrays.asList(ChurnedZone.values()) : zones);
    }
}
