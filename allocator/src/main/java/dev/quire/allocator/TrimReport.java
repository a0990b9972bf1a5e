package dev.quire.allocator;

import java.io.Serializable;

/**
 * What {@link PageAllocator#trim} did.
 *
 * @param bytes memory that was in use and went back to the system
 * @param slabsTrimmed slabs that were looked through
 * @param slabsBusy slabs that were left alone: registered, or being trimmed by somebody else
 */
public record TrimReport(long bytes, int slabsTrimmed, int slabsBusy) implements Serializable {}
