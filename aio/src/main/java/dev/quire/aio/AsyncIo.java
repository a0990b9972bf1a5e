package dev.quire.aio;

/** Placeholder. */
public final class AsyncIo {
    private AsyncIo() {}
}
