package dev.quire.aio;

/** The contract over {@link UringEngine}, a thread of the kernel submitting, buffered, on tmpfs. */
final class UringSubmissionPollingOnTmpfsTest extends AsyncIoContract {
    UringSubmissionPollingOnTmpfsTest() {
        super(Engine.URING, false, TMPFS);
    }

    @Override
    AsyncIoConfig.Builder configured(AsyncIoConfig.Builder builder, int threads) {
        return builder.submissionPolling(10).ringForEveryFile();
    }
}
