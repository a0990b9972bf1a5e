/**
 * A file ten times as large as the memory for its pages, through the page cache, through a mapping
 * and through a {@code FileChannel}: what is left when memory is short.
 *
 * <pre>
 *   CompareJob                      a fresh file, a control group and a process for each subject
 *       |
 *   ComparedProcess  - - - - - - >  ComparedMain       the process: opens a Store, waits, works
 *   ControlGroup                        |
 *     what its pages may take         Load             threads ---- Mix: read | write | scan
 *       |                               |
 *   CompareReport, ComparePage   <-   Outcome          one line of JSON
 * </pre>
 *
 * <p><b>The budget</b> is for pages alone, the same for all. Quire's frames and its tables lie
 * within it, though some of the tables are on its heap, which is larger by them. The kernel's page
 * cache for the others is held to it by a control group whose limit is what the JVM itself takes at
 * the time and the budget: so heaps, code and threads count for nobody, nor what the kernel needs
 * for them before the work begins. What it comes to need to keep track of pages is inside the
 * limit, as Quire's tables are inside the budget.
 */
@NullMarked
package dev.quire.bench.compare;

import org.jspecify.annotations.NullMarked;
