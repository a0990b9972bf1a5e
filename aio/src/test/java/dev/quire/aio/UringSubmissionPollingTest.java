package dev.quire.aio;

/**
 * The contract over {@link UringEngine}, a thread of the kernel submitting, direct, on a disk file
 * system.
 */
final class UringSubmissionPollingTest extends AsyncIoContract {
    UringSubmissionPollingTest() {
        super(Engine.URING, true, DISK);
    }

    @Override
    AsyncIoConfig.Builder configured(AsyncIoConfig.Builder builder, int threads) {
        return builder.submissionPolling(10);
    }
}
