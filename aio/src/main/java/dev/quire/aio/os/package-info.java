/**
 * The only place of this module that calls the operating system: file system calls through FFM.
 *
 * <p>Not exported. Every call that can sleep in the kernel is an ordinary downcall, never a
 * critical one, so a slow disk never holds off a safepoint.
 */
@NullMarked
package dev.quire.aio.os;

import org.jspecify.annotations.NullMarked;
