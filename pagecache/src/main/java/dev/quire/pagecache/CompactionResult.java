package dev.quire.pagecache;

/**
 * What a compaction did.
 *
 * @param blocks free blocks that it made, besides those there were
 * @param pagesMoved pages that moved to other frames
 * @param pagesBusy pages that could not be moved, because they were pinned, latched, under
 *     write-back or kept by their hooks by then; each kept a block from being made
 */
public record CompactionResult(int blocks, long pagesMoved, long pagesBusy) {}
