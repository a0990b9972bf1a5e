/**
 * The buddy zone: which blocks of which order are free, and nothing about who holds the others.
 *
 * <pre>
 *   LockFreeBuddy   chooses a tree              Reservations (a slot's tree)   FreeCount
 *        |
 *   Blocks          within a tree               tickets, then bits; bits, then tickets
 *        |
 *   Trees           free frames of a tree       1024 to 16384 frames
 *   Children        free frames of a child      512 frames; two in a word
 *   Rows            a bit a frame               64 frames in a word
 * </pre>
 */
@NullMarked
package dev.quire.allocator.zone;

import org.jspecify.annotations.NullMarked;
