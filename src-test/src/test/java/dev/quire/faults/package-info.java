/**
 * Every step fails once, and from then on: SQLite's method for what hardly ever happens.
 *
 * <p>The classes of Quire are loaded a second time, woven ({@link dev.quire.weave.WovenLoader}), so
 * that each native call, allocation, insert, submission and completion asks {@link
 * dev.quire.faults.Injector} first. What is published has no such hook.
 */
@NullMarked
package dev.quire.faults;

import org.jspecify.annotations.NullMarked;
