package dev.quire.aio;

/** The contract over {@link UringEngine}, direct, on a disk file system. */
final class UringDirectTest extends AsyncIoContract {
    UringDirectTest() {
        super(Engine.URING, true, DISK);
    }
}
