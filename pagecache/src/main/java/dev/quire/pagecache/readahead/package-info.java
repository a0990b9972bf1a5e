/**
 * Which pages to read before anybody asks for them: who reads in order, and how far ahead of him.
 * Decides only; knows no frame and no store.
 */
@NullMarked
package dev.quire.pagecache.readahead;

import org.jspecify.annotations.NullMarked;
