/** The artifacts, as a project that uses them finds them. */
@NullMarked
package dev.quire.consumer;

import org.jspecify.annotations.NullMarked;
