/** How the commands talk with their user: sizes, numbers, JSON, and errors of input in one line. */
@NullMarked
package dev.quire.bench.console;

import org.jspecify.annotations.NullMarked;
