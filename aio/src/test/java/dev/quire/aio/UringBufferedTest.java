package dev.quire.aio;

/** The contract over {@link UringEngine}, buffered, on a disk file system. */
final class UringBufferedTest extends AsyncIoContract {
    UringBufferedTest() {
        super(Engine.URING, false, DISK);
    }
}
