package dev.quire.aio;

/** The contract over {@link ChannelEngine}, buffered, on tmpfs. */
final class ChannelBufferedOnTmpfsTest extends AsyncIoContract {
    ChannelBufferedOnTmpfsTest() {
        super(Engine.CHANNEL, false, TMPFS);
    }
}
