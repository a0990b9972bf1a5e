/** jcstress of what engines keep to themselves. */
@NullMarked
package dev.quire.aio;

import org.jspecify.annotations.NullMarked;
