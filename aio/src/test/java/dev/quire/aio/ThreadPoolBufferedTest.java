package dev.quire.aio;

/** The contract over {@link ThreadPoolEngine}, buffered, on the disk. */
final class ThreadPoolBufferedTest extends AsyncIoContract {
    ThreadPoolBufferedTest() {
        super(Engine.THREAD_POOL, false, DISK);
    }
}
