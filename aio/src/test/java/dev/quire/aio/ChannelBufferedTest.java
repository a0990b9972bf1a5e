package dev.quire.aio;

/** The contract over {@link ChannelEngine}, buffered, on the disk. */
final class ChannelBufferedTest extends AsyncIoContract {
    ChannelBufferedTest() {
        super(Engine.CHANNEL, false, DISK);
    }
}
