/** {@code quire stat}: what the page cache of a running program does, a line an interval. */
@NullMarked
package dev.quire.bench.stat;

import org.jspecify.annotations.NullMarked;
