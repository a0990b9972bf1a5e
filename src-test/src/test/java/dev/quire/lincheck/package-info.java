/**
 * Lincheck: the transition code on heap arrays, in every interleaving of short scenarios that it
 * tries, against sequential models; each beside a canary, a broken twin that it has to find.
 */
@NullMarked
package dev.quire.lincheck;

import org.jspecify.annotations.NullMarked;
