package dev.quire.aio;

/** The contract over {@link UringEngine}, buffered, on tmpfs. */
final class UringBufferedOnTmpfsTest extends AsyncIoContract {
    UringBufferedOnTmpfsTest() {
        super(Engine.URING, false, TMPFS);
    }

    /** Otherwise the requests would go beside the ring. */
    @Override
    AsyncIoConfig.Builder configured(AsyncIoConfig.Builder builder, int threads) {
        return builder.ringForEveryFile();
    }
}
