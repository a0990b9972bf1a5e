package dev.quire.aio;

/** The contract over {@link ThreadPoolEngine}, direct, on the disk. */
final class ThreadPoolDirectTest extends AsyncIoContract {
    ThreadPoolDirectTest() {
        super(Engine.THREAD_POOL, true, DISK);
    }
}
