/** Models whose every state is looked at. */
@NullMarked
package dev.quire.model;

import org.jspecify.annotations.NullMarked;
