package dev.quire.bench.suite;

import dev.quire.bench.suite.Work.Kind;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The one place that says which JMH benchmark is which case of which subject. */
final class Catalogue {
    /** Whom all others are compared with. */
    static final String QUIRE = "quire";

    /** Benchmarks that no case is made of, and why. */
    static final Map<String, String> LEFT_OUT =
            Map.ofEntries(
                    Map.entry(
                            "PageHitBench",
                            "budgets of Quire's own; hit, pin and write have peers"),
                    Map.entry("PageDeviceBench", "beside Quire's own engine, which is no peer"),
                    Map.entry("PageScanBench", "beside Quire's own engine, which is no peer"),
                    Map.entry("PageTailBench", "nobody else is measured by it"),
                    Map.entry("PageMissBench.missTwo", "missOne with two threads is the same"),
                    Map.entry("PageMissBench.mapTwo", "mapOne with two threads is the same"),
                    Map.entry("PageMissBench.memoryTwo", "memoryOne with two threads is the same"),
                    Map.entry(
                            "AllocatorBench.order0TwoThreads",
                            "order0 with two threads is the same"),
                    Map.entry("AioBench", "aio is measured as quire io --compare does, in turns"),
                    Map.entry("DirectBench", "what the page cache makes of direct I/O, no peers"),
                    Map.entry("SnapshotBench", "no peer has snapshots"),
                    Map.entry("RelocateBench", "no peer moves pages"));

    private static final Map<String, String> ALLOCATORS =
            ordered(
                    QUIRE,
                    "QUIRE",
                    "netty-pooled",
                    "NETTY_POOLED",
                    "netty-adaptive",
                    "NETTY_ADAPTIVE",
                    "malloc",
                    "MALLOC",
                    "arena",
                    "ARENA",
                    "locked-buddy",
                    "LOCKED_BUDDY");

    /** The subject of the harness alone, and the zone without caches: only in full. */
    private static final Map<String, String> ALLOCATORS_FULL =
            ordered("quire-zone", "LOCK_FREE_BUDDY", "nothing", "NONE");

    private static final Map<String, String> PAGES =
            ordered(
                    QUIRE,
                    "QUIRE",
                    "raw",
                    "RAW",
                    "mmap",
                    "MMAP",
                    "caffeine",
                    "CAFFEINE",
                    "chm",
                    "CHM",
                    "filechannel",
                    "FILECHANNEL");

    private static final Map<String, String> COLD =
            ordered(
                    QUIRE,
                    "QUIRE",
                    "caffeine",
                    "CAFFEINE",
                    "filechannel",
                    "FILECHANNEL",
                    "async-filechannel",
                    "ASYNC_FILECHANNEL");

    private final List<Work> works = new ArrayList<>();
    private final int processors;

    private Catalogue(int processors) {
        this.processors = processors;
    }

    /**
     * Everything there is.
     *
     * @param processors up to how many threads a full run goes
     */
    static List<Work> of(int processors) {
        Catalogue catalogue = new Catalogue(processors);
        catalogue.addAllocators();
        catalogue.addPages();
        catalogue.addMisses();
        catalogue.addMemory();
        return List.copyOf(catalogue.works);
    }

    private void addAllocators() {
        allocators("order0", "AllocatorBench.order0", Map.of(), false, scaling());
        allocators("order9", "AllocatorOrderBench.block", Map.of("order", "9"), false, Set.of(1));
        allocators("remoteFree", "AllocatorHandoverBench.remoteFree", Map.of(), false, Set.of(2));
        for (String order : List.of("1", "2", "3", "10")) {
            allocators(
                    "order" + order,
                    "AllocatorOrderBench.block",
                    Map.of("order", order),
                    true,
                    Set.of(1));
        }
        allocators("bulk", "AllocatorBench.bulk", Map.of(), true, Set.of(1));
        allocators("virtualThreads", "AllocatorBench.virtualThreads", Map.of(), true, Set.of(1));
        allocators("nearFull", "AllocatorNearFullBench.nearFull", Map.of(), true, Set.of(1));
    }

    private void allocators(
            String scenario,
            String benchmark,
            Map<String, String> params,
            boolean full,
            Set<Integer> threads) {
        for (int count : threads) {
            ALLOCATORS.forEach(
                    (subject, peer) ->
                            allocator(scenario, benchmark, params, full, count, subject, peer));
            ALLOCATORS_FULL.forEach(
                    (subject, peer) ->
                            allocator(scenario, benchmark, params, true, count, subject, peer));
        }
    }

    private void allocator(
            String scenario,
            String benchmark,
            Map<String, String> params,
            boolean full,
            int threads,
            String subject,
            String peer) {
        boolean confined = peer.equals("ARENA") && scenario.equals("remoteFree");
        boolean regionless =
                scenario.equals("nearFull")
                        && !Set.of("NONE", "QUIRE", "LOCK_FREE_BUDDY", "LOCKED_BUDDY")
                                .contains(peer);
        if (!confined && !regionless) {
            add(
                    Group.ALLOCATOR,
                    scenario,
                    subject,
                    threads,
                    benchmark,
                    with(params, "peer", peer),
                    Kind.MEAN,
                    full);
        }
    }

    private void addPages() {
        for (int threads : scaling()) {
            pages(Group.HIT, "hot256", "read", "256", threads, false);
        }
        pages(Group.HIT, "random512m", "read", "65536", 1, false);
        pages(Group.HIT, "random512m", "read", "65536", 2, true);
        pages(Group.PIN, "hot256", "pin", "256", 1, false);
        pages(Group.PIN, "hot256", "pin", "256", 2, true);
        pages(Group.PIN, "random512m", "pin", "65536", 1, true);
        pages(Group.WRITE, "hot256", "write", "256", 1, false);
        pages(Group.WRITE, "hot256", "write", "256", 2, true);
        pages(Group.WRITE, "random512m", "write", "65536", 1, true);
        pages(Group.SCAN, "cached64m", "scan", "8192", 1, false);
    }

    private void pages(
            Group group, String scenario, String method, String pages, int threads, boolean full) {
        PAGES.forEach(
                (subject, peer) -> {
                    // What holds no page: plain memory is the floor; a copy is no way to hold one.
                    boolean holds = !Set.of("mmap", "filechannel").contains(subject);
                    if (group != Group.PIN || holds) {
                        add(
                                group,
                                scenario,
                                subject,
                                threads,
                                "PageAccessBench." + method,
                                ordered("peer", peer, "pages", pages),
                                Kind.MEAN,
                                full);
                    }
                });
    }

    private void addMisses() {
        for (int threads : List.of(1, 2)) {
            Map<String, String> caller = ordered("policy", "RTQ", "reclaims", "CALLER");
            ordered(
                            QUIRE,
                            "missOne",
                            "caffeine",
                            "caffeine",
                            "locked-lru",
                            "mapOne",
                            "raw",
                            "memoryOne")
                    .forEach(
                            (subject, method) ->
                                    add(
                                            Group.MISS,
                                            "fromMemory",
                                            subject,
                                            threads,
                                            "PageMissBench." + method,
                                            caller,
                                            Kind.MEAN,
                                            threads > 1));
        }
        COLD.forEach(
                (subject, peer) ->
                        add(
                                Group.MISS,
                                "fromDevice",
                                subject,
                                1,
                                "ColdReadBench.read",
                                Map.of("peer", peer),
                                Kind.SAMPLED,
                                false));
    }

    private void addMemory() {
        for (String subject : List.of(QUIRE, "caffeine", "chm")) {
            add(
                    Group.MEMORY,
                    "page8k",
                    subject,
                    1,
                    "PageMemoryBench.fill",
                    ordered("peer", PAGES.getOrDefault(subject, ""), "pages", "65536"),
                    Kind.MEMORY,
                    false);
        }
    }

    /** One thread, two, and in a full run as many as there are processors. */
    private Set<Integer> scaling() {
        return new LinkedHashSet<>(List.of(1, 2, Math.max(2, processors)));
    }

    private void add(
            Group group,
            String scenario,
            String subject,
            int threads,
            String benchmark,
            Map<String, String> params,
            Kind kind,
            boolean full) {
        works.add(
                new Work(
                        group,
                        scenario,
                        subject,
                        threads,
                        benchmark,
                        params,
                        kind,
                        full || threads > 2));
    }

    private static Map<String, String> with(Map<String, String> map, String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(map);
        more.put(key, value);
        return more;
    }

    private static Map<String, String> ordered(String... keysAndValues) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
