/**
 * The exerciser of files behind {@code quire fsx}: random operations on a file, and beside it a
 * copy in memory that knows every byte.
 */
@NullMarked
package dev.quire.bench.fsx;

import org.jspecify.annotations.NullMarked;
