/**
 * The main job: a workload on a real file through the page cache, which proves what it reads.
 *
 * <pre>
 *   TargetFile         the file: made here and removed, or the user's own
 *       |
 *   Contents           what each page must hold; checks a page, rewrites a page
 *       |
 *   Workload           the threads ---- Worker: KeySource -> read | rewrite -> check -> LatencyRecorder
 *       |                    |
 *       |              LiveLine         what happens, twice a second
 *       |              Timeline         the same for a report, RunPage
 *   (cache closed)
 *       |
 *   DiskScan           every page again, by plain reads of the file
 *       |
 *   RunReport          the table, the JSON object
 * </pre>
 */
@NullMarked
package dev.quire.bench.run;

import org.jspecify.annotations.NullMarked;
