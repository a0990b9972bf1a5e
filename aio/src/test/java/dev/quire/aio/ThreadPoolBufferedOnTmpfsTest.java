package dev.quire.aio;

/** The contract over {@link ThreadPoolEngine}, buffered, on tmpfs. */
final class ThreadPoolBufferedOnTmpfsTest extends AsyncIoContract {
    ThreadPoolBufferedOnTmpfsTest() {
        super(Engine.THREAD_POOL, false, TMPFS);
    }
}
