package dev.quire.bench.suite;

import java.util.ArrayList;
import java.util.List;

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
        return of(work.subject(), work.kind());
    }

    private static List<String> of(String subject, Work.Kind kind) {
        List<String> flags = new ArrayList<>(ALL);
        flags.addAll(own(subject));
        if (kind == Work.Kind.MEMORY) {
            flags.addAll(MEMORY);
        }
        return flags;
    }

    /** Those of all subjects. */
    static List<String> common() {
        return ALL;
    }

    /** Those that a subject has beside the common ones. */
    static List<String> own(String subject) {
        if (subject.equals(Catalogue.HEAP)) {
            return HEAP;
        }
        return subject.startsWith("netty-") ? NETTY : List.of();
    }
}
