/** The {@code quire} command line: its commands, their options and their exit codes. */
@NullMarked
package dev.quire.bench;

import org.jspecify.annotations.NullMarked;
