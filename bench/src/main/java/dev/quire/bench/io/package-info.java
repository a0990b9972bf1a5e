/** Closed loops of file I/O: Quire's engines, fio and what the JDK has, on one file in turns. */
@NullMarked
package dev.quire.bench.io;

import org.jspecify.annotations.NullMarked;
