package dev.quire.aio;

/**
 * The contract over {@link UringEngine}, direct, on tmpfs, whose requests go to its other threads.
 */
final class UringBesideTheRingOnTmpfsTest extends AsyncIoContract {
    UringBesideTheRingOnTmpfsTest() {
        super(Engine.URING, true, TMPFS);
    }

    @Override
    AsyncIoConfig.Builder configured(AsyncIoConfig.Builder builder, int threads) {
        return builder.rings(2);
    }
}
