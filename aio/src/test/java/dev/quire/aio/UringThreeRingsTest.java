package dev.quire.aio;

/** The contract over {@link UringEngine}, three rings, direct, on a disk file system. */
final class UringThreeRingsTest extends AsyncIoContract {
    UringThreeRingsTest() {
        super(Engine.URING, true, DISK);
    }

    @Override
    AsyncIoConfig.Builder configured(AsyncIoConfig.Builder builder, int threads) {
        return builder.rings(Math.min(threads, 3));
    }
}
