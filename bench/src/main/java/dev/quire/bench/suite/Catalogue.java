package dev.quire.bench.suite;

import dev.quire.bench.console.Names;
import dev.quire.bench.io.IoPeers;
import dev.quire.bench.reference.ReferencePolicy;
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

    /** Arrays on the heap of a JVM with the collector that is made for large ones. */
    static final String HEAP = "heap-zgc";

    /** The measurement alone. */
    static final String NOTHING = "nothing";

    /** Benchmarks that no case is made of, and why. */
    static final Map<String, String> LEFT_OUT =
            Map.ofEntries(
                    Map.entry(
                            "PageHitBench",
                            "budgets of Quire's own; hit, pin and write have peers"),
                    Map.entry("PageHitWatchedBench", "Quire beside itself, watched"),
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

    private static final String ENDS =
            "; it ends as a segment (quire, about 3 ns of it; arena), a buffer (netty), an address"
                    + " (malloc), or a number without memory (locked-buddy, quire-zone)";

    private static final String COPIES = "; filechannel copies all of the page";

    private static final String GUARDS =
            "; quire, caffeine, heap-zgc and chm keep other writers out, quire and chm readers"
                    + " too, raw and mmap nobody; filechannel writes these 8 bytes alone";

    /** The kernel takes no advice for its own cache. */
    private static final String HUGE =
            "; all of it in huge pages, except for mmap and filechannel, and for heap-zgc where the"
                    + " kernel has none for shared memory";

    /** What is done in a case, for people. */
    private static final Map<String, String> WHAT =
            Map.ofEntries(
                    Map.entry("allocator order0", "a frame of 4 KiB, given back at once" + ENDS),
                    Map.entry("allocator order1", "8 KiB, given back at once" + ENDS),
                    Map.entry("allocator order2", "16 KiB, given back at once" + ENDS),
                    Map.entry("allocator order3", "32 KiB, given back at once" + ENDS),
                    Map.entry("allocator order9", "2 MiB, given back at once" + ENDS),
                    Map.entry("allocator order10", "4 MiB, given back at once" + ENDS),
                    Map.entry(
                            "allocator remoteFree",
                            "a frame of 4 KiB that one thread takes and another gives back"),
                    Map.entry(
                            "allocator bulk",
                            "256 MiB in frames of 4 KiB, given back in random order; a frame's"
                                    + " share"),
                    Map.entry(
                            "allocator virtualThreads",
                            "10000 virtual threads take a frame each and give it back; a thread's"
                                    + " share, its start and end included"),
                    Map.entry(
                            "allocator nearFull",
                            "a frame of 4 KiB of a region of which 99 % are taken"),
                    Map.entry("hit hot256", "a random one of 256 pages of 8 KiB" + COPIES),
                    Map.entry(
                            "hit random512m",
                            "a random page of 512 MiB in pages of 8 KiB" + COPIES + HUGE),
                    Map.entry("pin hot256", "a random one of 256 pages of 8 KiB"),
                    Map.entry(
                            "pin random512m", "a random page of 512 MiB in pages of 8 KiB" + HUGE),
                    Map.entry(
                            "write hot256",
                            "a random one of 256 pages of 8 KiB, dirty already" + GUARDS),
                    Map.entry(
                            "write random512m",
                            "a random page of 512 MiB in pages of 8 KiB" + GUARDS + HUGE),
                    Map.entry(
                            "scan cached64m",
                            "the 1024 longs of a page of 8 KiB, of 64 MiB" + COPIES + HUGE),
                    Map.entry(
                            "miss fromMemory",
                            "a page of 4 KiB copied from memory into a full cache, 256 times as"
                                + " many pages as the cache has frames, in huge pages (heap-zgc:"
                                + " where the kernel has any for shared memory); raw: the copy and"
                                + " two loads alone"),
                    Map.entry(
                            "miss fromDevice",
                            "a random page of 8 KiB of a direct file of 128 MiB, one thread; a"
                                + " cache of an eighth of it, or none; a mapping can be held to so"
                                + " little by a control group only: ./quire compare"),
                    Map.entry(
                            "memory heap",
                            "heap in use after collections, for each page of 8 KiB that there is"
                                    + " room for"),
                    Map.entry(
                            "memory outside",
                            "what the subject knows of outside of the heap: Quire's slots"),
                    Map.entry("aio randread4k-depth1", "one read under way"),
                    Map.entry("aio randread4k-depth32", "32 reads under way"),
                    Map.entry(
                            "aio cpu-depth1",
                            "processor time of the process a read, one under way"),
                    Map.entry(
                            "aio cpu-depth32",
                            "processor time of the process a read, 32 under way"),
                    Map.entry(
                            "eviction zipf",
                            "300 000 point reads of 20 000 pages, skewed as YCSB has it"),
                    Map.entry(
                            "eviction zipfAndScans",
                            "the same, and after every 45 000 of them a quarter of the file from"
                                    + " end to end"),
                    Map.entry(
                            "eviction zipfAndLoop",
                            "the same, by turns with a loop over a table of an eighth as many"
                                    + " pages"));

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
            ordered("quire-zone", "LOCK_FREE_BUDDY", NOTHING, "NONE");

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
                    HEAP,
                    "HEAP",
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

    /** What is done in a case; nothing where its name says all there is. */
    static String describe(String group, String scenario) {
        return WHAT.getOrDefault(group + " " + scenario.replaceFirst("@.*", ""), "");
    }

    /** Who is measured in some groups, as results call them; also who cannot run here. */
    static Set<String> subjects(Set<Group> groups, boolean full) {
        Set<String> subjects = new LinkedHashSet<>();
        of(1).stream()
                .filter(work -> groups.contains(work.group()) && (full || !work.full()))
                .forEach(work -> subjects.add(work.subject()));
        if (groups.contains(Group.AIO)) {
            subjects.addAll(IoPeers.names(full));
        }
        if (groups.contains(Group.EVICTION)) {
            subjects.add(QUIRE);
            Names.of(ReferencePolicy.class).forEach(name -> subjects.add(policy(name)));
        }
        return subjects;
    }

    /** Least recently used as the books have it needs no adjective here. */
    static String policy(String name) {
        return name.equals(Names.of(ReferencePolicy.STRICT_LRU)) ? "lru" : name;
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
                            HEAP,
                            "heap",
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
