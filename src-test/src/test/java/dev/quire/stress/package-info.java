/**
 * jcstress: the ordering claims of frame words and slots, each beside a twin that is deliberately
 * weaker.
 *
 * <p>An {@code Actual} must never show a forbidden outcome. Its twin marks the same outcome as
 * interesting: a harness that never sees it there would not have seen it in the original either.
 */
@NullMarked
package dev.quire.stress;

import org.jspecify.annotations.NullMarked;
