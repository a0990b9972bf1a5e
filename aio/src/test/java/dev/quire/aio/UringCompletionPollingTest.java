package dev.quire.aio;

/**
 * The contract over {@link UringEngine}, completions polled where the device can, direct, on a disk
 * file system.
 */
final class UringCompletionPollingTest extends AsyncIoContract {
    UringCompletionPollingTest() {
        super(Engine.URING, true, DISK);
    }

    @Override
    AsyncIoConfig.Builder configured(AsyncIoConfig.Builder builder, int threads) {
        return builder.completionPolling(true);
    }
}
