/** What tests of several modules use: processes, commands of the system, rights taken away. */
@NullMarked
package dev.quire.support;

import org.jspecify.annotations.NullMarked;
