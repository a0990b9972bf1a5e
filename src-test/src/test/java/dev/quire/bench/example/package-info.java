/** The storage engine of the guide: beside a model, in crashes, killed. */
@NullMarked
package dev.quire.bench.example;

import org.jspecify.annotations.NullMarked;
