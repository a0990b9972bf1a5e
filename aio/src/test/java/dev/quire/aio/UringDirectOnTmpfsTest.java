package dev.quire.aio;

/** The contract over {@link UringEngine}, direct, on tmpfs. */
final class UringDirectOnTmpfsTest extends AsyncIoContract {
    UringDirectOnTmpfsTest() {
        super(Engine.URING, true, TMPFS);
    }

    /** Otherwise the requests would go beside the ring. */
    @Override
    AsyncIoConfig.Builder configured(AsyncIoConfig.Builder builder, int threads) {
        return builder.ringForEveryFile();
    }
}
