package dev.quire.aio;

/**
 * What a write promises when it is over.
 *
 * <p>Which one is faster depends on the device: with a protected write cache {@link #DATA_SYNC} is
 * hardly more than the write; without one, several writes and one {@link AsyncFile#syncData} are.
 * None makes the directory entry of a new file durable; its first {@link AsyncFile#sync} does.
 */
public enum WriteDurability {
    /** Nothing: a sync later makes it durable. */
    NONE,

    /**
     * The bytes and the length needed to find them are on the device: {@code RWF_DSYNC}, one
     * operation of the system.
     */
    DATA_SYNC,

    /**
     * The same by a write and an {@code fdatasync} after it, in one request: also makes durable
     * what other writes of the file had left in the caches.
     */
    WRITE_THEN_SYNC
}
