package dev.quire.aio;

/** The contract over {@link ChannelEngine}, direct, on the disk. */
final class ChannelDirectTest extends AsyncIoContract {
    ChannelDirectTest() {
        super(Engine.CHANNEL, true, DISK);
    }
}
