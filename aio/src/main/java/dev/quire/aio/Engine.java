package dev.quire.aio;

/** How requests reach the operating system. */
public enum Engine {
    /** The best engine that works here; why a better one was refused is logged once. */
    AUTO,

    /**
     * Linux io_uring: a thread for each ring submits the requests of all others and reports them.
     * Needs Linux 5.6 or later, and a system that allows it.
     */
    URING,

    /** Linux file system calls, made by the engine's own threads or by the blocked caller. */
    THREAD_POOL,

    /** {@link java.nio.channels.FileChannel} on the engine's own threads: any platform. */
    CHANNEL
}
