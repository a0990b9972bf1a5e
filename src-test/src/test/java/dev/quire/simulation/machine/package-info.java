/**
 * A machine whose threads run one at a time in an order that follows from a seed, with a clock that
 * goes on when nobody can. Nothing in here is woven.
 */
@NullMarked
package dev.quire.simulation.machine;

import org.jspecify.annotations.NullMarked;
