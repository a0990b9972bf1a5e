package dev.quire.aio;

/** The contract over {@link ChannelEngine}, direct, on tmpfs. */
final class ChannelDirectOnTmpfsTest extends AsyncIoContract {
    ChannelDirectOnTmpfsTest() {
        super(Engine.CHANNEL, true, TMPFS);
    }
}
