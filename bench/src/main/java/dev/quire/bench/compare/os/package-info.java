/** What a comparison asks of the system by a native call, for what Quire is compared with. */
@NullMarked
package dev.quire.bench.compare.os;

import org.jspecify.annotations.NullMarked;
