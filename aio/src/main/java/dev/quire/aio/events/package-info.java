/**
 * What the JDK's Flight Recorder is told of I/O. While nobody records, or no request waits, nothing
 * of it costs anything.
 */
@NullMarked
package dev.quire.aio.events;

import org.jspecify.annotations.NullMarked;
