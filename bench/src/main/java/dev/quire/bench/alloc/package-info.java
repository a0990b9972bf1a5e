/** Page allocators side by side: Quire's, its peers, and what their use leaves behind. */
@NullMarked
package dev.quire.bench.alloc;

import org.jspecify.annotations.NullMarked;
