/** The buddy zone: which blocks of which order are free, and nothing about who holds the others. */
@NullMarked
package dev.quire.allocator.zone;

import org.jspecify.annotations.NullMarked;
