package dev.quire.bench.io;

import dev.quire.aio.Engine;
import dev.quire.aio.WriteDurability;
import dev.quire.bench.console.Console;
import dev.quire.bench.console.InputException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Quire's engine beside fio and what the JDK has, in turns on one temporary file, as {@code quire
 * io --compare} measures them: random reads of 4 KiB past the kernel's cache.
 */
public final class IoPeers {
    private static final int BLOCK_BYTES = 4096;

    /** What they are called elsewhere. */
    private static final Map<String, String> NAMES =
            Map.of(
                    "auto", "quire",
                    "thread-pool", "quire-thread-pool",
                    "fio-io-uring", "fio",
                    "asynchronous-file-channel", "async-filechannel",
                    "file-channel-pool", "filechannel");

    private static final List<String> MAIN =
            List.of("quire", "fio", "async-filechannel", "filechannel");
    private static final List<String> LESSER = List.of("quire-thread-pool", "fio-psync");

    private final Path folder;
    private final long fileBytes;
    private final Console console;

    /**
     * Peers that have not started.
     *
     * @param folder where the file is made
     * @param fileBytes its size
     * @param console where to tell about it
     */
    public IoPeers(Path folder, long fileBytes, Console console) {
        this.folder = folder;
        this.fileBytes = fileBytes;
        this.console = console;
    }

    /**
     * Who they are, as results call them.
     *
     * @param all whether the lesser forms of Quire's and fio's are among them
     * @return names, also of those that cannot run here
     */
    public static List<String> names(boolean all) {
        return all ? Stream.concat(MAIN.stream(), LESSER.stream()).toList() : MAIN;
    }

    /**
     * Measures all of them. One that cannot run here is named and left out.
     *
     * @param depths how many requests are under way at once, each in its turn
     * @param rounds turns of each that count; one more comes before, to warm up
     * @param seconds of a turn
     * @param all whether the lesser forms of Quire's and fio's have a turn as well
     * @return for each depth the results of each subject, one a round
     * @throws InputException when the file cannot be made, or none can run
     * @throws IOException when one fails that ran before
     */
    public SequencedMap<Integer, Map<String, List<IoResult>>> run(
            List<Integer> depths, int rounds, double seconds, boolean all) throws IOException {
        SequencedMap<Integer, Map<String, List<IoResult>>> results = new TreeMap<>();
        try (MeasuredFile file = MeasuredFile.of(settings(depths.getFirst(), seconds), console)) {
            for (int depth : depths) {
                Map<String, List<IoResult>> named = new LinkedHashMap<>();
                new Comparison(shape(depth, seconds), rounds + 1, console)
                        .run(subjects(all), file)
                        .forEach(
                                (subject, turns) ->
                                        named.put(name(subject), turns.subList(1, turns.size())));
                results.put(depth, named);
            }
        }
        return results;
    }

    static String name(String subject) {
        return NAMES.getOrDefault(subject, subject);
    }

    List<Subject> subjects(boolean all) {
        List<Subject> subjects = new ArrayList<>();
        subjects.add(new EngineSubject(Engine.AUTO, false, 1));
        if (all) {
            subjects.add(new EngineSubject(Engine.THREAD_POOL, false, 1));
        }
        List<Subject> fio = FioSubject.installed(false);
        if (fio.isEmpty()) {
            console.note("fio is not on the PATH: measured without it");
        }
        fio.stream().filter(each -> all || NAMES.containsKey(each.name())).forEach(subjects::add);
        subjects.add(new AsyncChannelSubject());
        subjects.add(ChannelSubject.pool());
        return subjects;
    }

    private IoSettings settings(int depth, double seconds) {
        return new IoSettings(
                shape(depth, seconds),
                null,
                fileBytes,
                folder,
                false,
                Engine.AUTO,
                false,
                1,
                true,
                1,
                false);
    }

    private static IoShape shape(int depth, double seconds) {
        return new IoShape(
                IoPattern.RANDREAD, BLOCK_BYTES, depth, 1, true, WriteDurability.NONE, seconds);
    }
}
