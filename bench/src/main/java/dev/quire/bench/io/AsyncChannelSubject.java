package dev.quire.bench.io;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The JDK's {@link AsynchronousFileChannel}, each handler making the next request. It has a thread
 * for every request under way, without which there would be fewer under way than were asked for.
 */
final class AsyncChannelSubject implements Subject {
    @Override
    public String name() {
        return "asynchronous-file-channel";
    }

    @Override
    public IoResult run(IoShape shape, MeasuredFile file) throws IOException {
        try (ExecutorService threads = Executors.newFixedThreadPool(shape.slots());
                AsynchronousFileChannel channel =
                        AsynchronousFileChannel.open(
                                file.path(), Channels.optionsOf(shape), threads)) {
            Turn turn = new Turn(name(), shape, shape.slots());
            List<Slot> slots = new ArrayList<>();
            Random seeds = new Random();
            for (int job = 0; job < shape.jobs(); job++) {
                AtomicLong sequence = new AtomicLong();
                for (int i = 0; i < shape.depth(); i++) {
                    slots.add(
                            new Slot(
                                    channel,
                                    Channels.bufferOf(shape, seeds),
                                    new Requests(shape, file.bytes(), sequence, seeds.nextLong()),
                                    turn));
                }
            }
            return turn.run(() -> slots.forEach(Slot::start));
        }
    }

    /** One request at a time. */
    private static final class Slot implements CompletionHandler<Integer, @Nullable Void> {
        private final AsynchronousFileChannel channel;
        private final ByteBuffer buffer;
        private final Requests requests;
        private final Turn turn;
        private long startNanos;

        Slot(AsynchronousFileChannel channel, ByteBuffer buffer, Requests requests, Turn turn) {
            this.channel = channel;
            this.buffer = buffer;
            this.requests = requests;
            this.turn = turn;
        }

        void start() {
            request(System.nanoTime());
        }

        @Override
        public void completed(Integer bytes, @Nullable Void attachment) {
            over(bytes, null);
        }

        @Override
        public void failed(Throwable failure, @Nullable Void attachment) {
            over(-1, failure);
        }

        private void over(int bytes, @Nullable Throwable failure) {
            long now = System.nanoTime();
            if (turn.completed(now - startNanos, bytes, failure)) {
                request(now);
            } else {
                turn.ended();
            }
        }

        private void request(long now) {
            startNanos = now;
            requests.next();
            buffer.clear();
            try {
                if (requests.isWrite()) {
                    channel.write(buffer, requests.position(), null, this);
                } else {
                    channel.read(buffer, requests.position(), null, this);
                }
            } catch (RuntimeException e) {
                turn.ended(e);
            }
        }
    }
}
