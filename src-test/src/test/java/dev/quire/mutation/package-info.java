/** Seeded bugs, and whether the tests notice them: the list is docs/mutations.md. */
@NullMarked
package dev.quire.mutation;

import org.jspecify.annotations.NullMarked;
