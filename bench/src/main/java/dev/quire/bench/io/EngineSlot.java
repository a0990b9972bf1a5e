package dev.quire.bench.io;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.IoCompletion;
import dev.quire.aio.IoException;
import dev.quire.aio.IoOptions;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/** A slot of a loop over Quire: the completion of a request makes the next one. */
final class EngineSlot implements IoCompletion {
    private final AsyncFile file;
    private final MemorySegment memory;
    private final Requests requests;
    private final IoOptions writeOptions;
    private final Turn turn;
    private long startNanos;

    EngineSlot(
            AsyncFile file,
            MemorySegment memory,
            Requests requests,
            IoOptions writeOptions,
            Turn turn) {
        this.file = file;
        this.memory = memory;
        this.requests = requests;
        this.writeOptions = writeOptions;
        this.turn = turn;
    }

    void start() {
        request(System.nanoTime());
    }

    @Override
    public void complete(long bytes, @Nullable IoException failure) {
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
        try {
            if (requests.isWrite()) {
                file.write(memory, requests.position(), writeOptions, this);
            } else {
                file.read(memory, requests.position(), this);
            }
        } catch (RuntimeException e) {
            turn.ended(e);
        }
    }
}
