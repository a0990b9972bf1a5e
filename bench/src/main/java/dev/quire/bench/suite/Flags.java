package dev.quire.bench.suite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** The options of the JVM that each subject is measured in. */
final class Flags {
    /**
     * JMH cannot do without Unsafe, whoever is measured. Heaps may have huge pages, as all native
     * memory for pages may: what describes pages lies there, and the pages of some.
     */
    private static final List<String> ALL =
            List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-Xmx2g",
                    "-XX:+UseTransparentHugePages",
                    "-XX:MaxDirectMemorySize=1g");

    /**
     * Netty makes buffers without cleaners and without zeros only where {@code java.nio} is open to
     * it, and caches only for threads of its own kind; it is spared its leak detector.
     */
    private static final List<String> NETTY =
            List.of(
                    "--add-opens=java.base/java.nio=ALL-UNNAMED",
                    "-Dio.netty.tryReflectionSetAccessible=true",
                    "-Dio.netty.leakDetection.level=disabled",
                    "-Djmh.executor=CUSTOM",
                    "-Djmh.executor.class=dev.quire.bench.jmh.FastThreads");

    private static final List<String> HEAP = List.of("-XX:+UseZGC");

    /** Used memory is counted exactly by the serial collector only. */
    private static final List<String> MEMORY = List.of("-XX:+UseSerialGC");

    private Flags() {}

    /** Of the JVM for a piece of work. */
    static List<String> of(Work work) {
        List<String> flags = new ArrayList<>(ALL);
        flags.addAll(own(work.subject()));
        flags.addAll(own(work.group()));
        return flags;
    }

    /** Those of some work: of all of it, and what single groups and subjects have beside. */
    static SequencedMap<String, String> told(List<Work> works) {
        SequencedMap<String, String> told = new LinkedHashMap<>();
        told.put("all", String.join(" ", ALL));
        for (Work work : works) {
            put(told, work.group().toString(), own(work.group()));
            put(told, work.subject(), own(work.subject()));
        }
        return told;
    }

    private static void put(SequencedMap<String, String> told, String of, List<String> flags) {
        if (!flags.isEmpty()) {
            told.put(of, String.join(" ", flags));
        }
    }

    private static List<String> own(Group group) {
        return group == Group.MEMORY ? MEMORY : List.of();
    }

    private static List<String> own(String subject) {
        if (subject.equals(Catalogue.HEAP)) {
            return HEAP;
        }
        return subject.startsWith("netty-") ? NETTY : List.of();
    }
}
