package dev.quire.bench.replay;

import dev.quire.bench.console.InputException;
import dev.quire.bench.report.ReportFile;
import dev.quire.bench.trace.TraceFormat;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/**
 * What is replayed, and how.
 *
 * @param files traces
 * @param format theirs
 * @param frames sizes of the cache
 * @param policies of the page cache
 * @param threads how many threads replay a trace together
 * @param compare whether the reference policies have a turn
 * @param report where a page of the results is written, or null
 * @param json whether a JSON object closes the output
 */
public record ReplayOptions(
        List<Path> files,
        TraceFormat format,
        List<FrameCount> frames,
        List<CachePolicy> policies,
        int threads,
        boolean compare,
        @Nullable ReportFile report,
        boolean json) {
    /** Each thread may hold some frames while it waits, and the least cache has 64. */
    public static final int THREADS_MAX = 16;

    /**
     * Checks all that can be checked before a trace is read.
     *
     * @throws InputException naming a value and its limit
     */
    public ReplayOptions {
        files = List.copyOf(files);
        frames = List.copyOf(frames);
        policies = policies.stream().distinct().toList();
        InputException.require(!frames.isEmpty(), "must name a size", "--frames", "");
        InputException.require(!policies.isEmpty(), "must name a policy", "--policy", "");
        InputException.require(
                threads >= 1 && threads <= THREADS_MAX,
                "must be from 1 to " + THREADS_MAX,
                "--threads",
                threads);
    }
}
