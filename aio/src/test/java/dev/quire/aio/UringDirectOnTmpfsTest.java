package dev.quire.aio;

/** The contract over {@link UringEngine}, direct, on tmpfs. */
final class UringDirectOnTmpfsTest extends AsyncIoContract {
    UringDirectOnTmpfsTest() {
        super(Engine.URING, true, TMPFS);
    }
}
