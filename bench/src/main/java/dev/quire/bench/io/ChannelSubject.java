package dev.quire.bench.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** The JDK's {@link FileChannel}: threads that make one blocking request after the other. */
final class ChannelSubject implements Subject {
    private final boolean oneThread;

    private ChannelSubject(boolean oneThread) {
        this.oneThread = oneThread;
    }

    /** A thread for every request under way. */
    static ChannelSubject pool() {
        return new ChannelSubject(false);
    }

    /** One thread, whatever the depth. */
    static ChannelSubject oneThread() {
        return new ChannelSubject(true);
    }

    @Override
    public String name() {
        return oneThread ? "file-channel-one-thread" : "file-channel-pool";
    }

    @Override
    public IoResult run(IoShape shape, MeasuredFile file) throws IOException {
        try (FileChannel channel = FileChannel.open(file.path(), Channels.optionsOf(shape))) {
            int threads = oneThread ? 1 : shape.slots();
            Turn turn = new Turn(name(), shape, threads);
            List<Thread> loops = new ArrayList<>();
            Random seeds = new Random();
            AtomicLong sequence = new AtomicLong();
            for (int i = 0; i < threads; i++) {
                if (i % shape.depth() == 0) {
                    sequence = new AtomicLong();
                }
                ByteBuffer buffer = Channels.bufferOf(shape, seeds);
                Requests requests = new Requests(shape, file.bytes(), sequence, seeds.nextLong());
                loops.add(
                        Thread.ofPlatform()
                                .name("quire-bench-channel-" + i)
                                .daemon()
                                .unstarted(() -> loop(channel, buffer, requests, turn)));
            }
            return turn.run(() -> loops.forEach(Thread::start));
        }
    }

    private static void loop(FileChannel channel, ByteBuffer buffer, Requests requests, Turn turn) {
        try {
            long startNanos = System.nanoTime();
            boolean goesOn;
            do {
                requests.next();
                buffer.clear();
                int bytes = -1;
                IOException failure = null;
                try {
                    bytes =
                            requests.isWrite()
                                    ? channel.write(buffer, requests.position())
                                    : channel.read(buffer, requests.position());
                } catch (IOException e) {
                    failure = e;
                }
                long now = System.nanoTime();
                goesOn = turn.completed(now - startNanos, bytes, failure);
                startNanos = now;
            } while (goesOn);
            turn.ended();
        } catch (RuntimeException e) {
            turn.ended(e);
        }
    }
}
