/**
 * A storage engine in three hundred lines: a B+tree of long keys and values, and a log, as {@code
 * docs/guide.md} builds it. {@link dev.quire.bench.example.TreeStore} is the store, {@link
 * dev.quire.bench.example.Session} what a thread does to it, {@link dev.quire.bench.example.Node}
 * the layout of a page, {@link dev.quire.bench.example.Log} what makes it survive.
 */
@NullMarked
package dev.quire.bench.example;

import org.jspecify.annotations.NullMarked;
