package dev.quire.aio;

/** The contract over {@link ThreadPoolEngine}, direct, on tmpfs. */
final class ThreadPoolDirectOnTmpfsTest extends AsyncIoContract {
    ThreadPoolDirectOnTmpfsTest() {
        super(Engine.THREAD_POOL, true, TMPFS);
    }
}
