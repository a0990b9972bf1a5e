package dev.quire.bench.fsx;

import java.util.List;

/**
 * A file was not what its copy is.
 *
 * @param thread whose file
 * @param operation after which it was seen, or which saw it
 * @param what in words
 * @param before the operations up to then, oldest first
 */
record Mismatch(int thread, Operation operation, String what, List<Operation> before) {}
