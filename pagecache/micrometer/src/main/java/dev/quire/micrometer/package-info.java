/** The statistics of a page cache as meters of Micrometer. */
@NullMarked
package dev.quire.micrometer;

import org.jspecify.annotations.NullMarked;
