package dev.quire.aio;

/** The contract over {@link UringEngine}, buffered, on tmpfs. */
final class UringBufferedOnTmpfsTest extends AsyncIoContract {
    UringBufferedOnTmpfsTest() {
        super(Engine.URING, false, TMPFS);
    }
}
