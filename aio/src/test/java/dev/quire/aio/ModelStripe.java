package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;

/** One thread's own range of a file, with a plain array as its model, under random operations. */
final class ModelStripe implements Runnable {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 32;
    private static final int OPERATIONS = 250;

    private final AsyncFile file;
    private final long base;
    private final Random random;
    private final byte[] model = new byte[BLOCKS * BLOCK];
    private final MemorySegment memory;
    private volatile @Nullable Throwable failure;

    ModelStripe(AsyncFile file, Arena arena, int number, long seed) {
        this.file = file;
        base = (long) number * BLOCKS * BLOCK;
        random = new Random(seed + number);
        memory = arena.allocate((long) BLOCKS * BLOCK, BLOCK);
    }

    @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public void run() {
        try {
            // The whole range first, so that a read is never short.
            write(0, BLOCKS);
            for (int i = 0; i < OPERATIONS; i++) {
                int from = random.nextInt(BLOCKS);
                int count = 1 + random.nextInt(BLOCKS - from);
                if (random.nextBoolean()) {
                    write(from, count);
                } else {
                    read(from, count);
                }
            }
        } catch (IOException | RuntimeException | AssertionError | InterruptedException e) {
            failure = e;
        }
    }

    void verify(byte[] whole, String text) {
        int from = Math.toIntExact(base);
        assertThat(Arrays.mismatch(Arrays.copyOfRange(whole, from, from + model.length), model))
                .as(text)
                .isEqualTo(-1);
    }

    private void write(int from, int count) throws IOException, InterruptedException {
        byte[] fresh = new byte[count * BLOCK];
        random.nextBytes(fresh);
        System.arraycopy(fresh, 0, model, from * BLOCK, fresh.length);
        MemorySegment source = memory.asSlice(0, fresh.length);
        source.copyFrom(MemorySegment.ofArray(fresh));
        long position = base + (long) from * BLOCK;
        long bytes =
                switch (random.nextInt(4)) {
                    case 0 -> file.write(source, position);
                    case 1 -> file.write(split(source), 0, 2, position);
                    case 2 -> {
                        Tally tally = new Tally(1);
                        file.write(source, position, tally);
                        yield sum(tally);
                    }
                    default -> {
                        Tally tally = new Tally(1);
                        file.write(split(source), 0, 2, position, tally);
                        yield sum(tally);
                    }
                };
        assertThat(bytes).isEqualTo(fresh.length);
    }

    private void read(int from, int count) throws IOException, InterruptedException {
        MemorySegment target = memory.asSlice(0, (long) count * BLOCK);
        long position = base + (long) from * BLOCK;
        long bytes =
                switch (random.nextInt(4)) {
                    case 0 -> file.read(target, position);
                    case 1 -> file.read(split(target), 0, 2, position);
                    case 2 -> {
                        Tally tally = new Tally(1);
                        file.read(target, position, tally);
                        yield sum(tally);
                    }
                    default -> {
                        Tally tally = new Tally(1);
                        file.read(split(target), 0, 2, position, tally);
                        yield sum(tally);
                    }
                };
        assertThat(bytes).isEqualTo(target.byteSize());
        byte[] expected = Arrays.copyOfRange(model, from * BLOCK, (from + count) * BLOCK);
        assertThat(Arrays.mismatch(target.toArray(ValueLayout.JAVA_BYTE), expected)).isEqualTo(-1);
    }

    private MemorySegment[] split(MemorySegment segment) {
        long cut = (long) random.nextInt((int) (segment.byteSize() / BLOCK) + 1) * BLOCK;
        return new MemorySegment[] {segment.asSlice(0, cut), segment.asSlice(cut)};
    }

    private static long sum(Tally tally) throws InterruptedException, IoException {
        tally.await();
        if (!tally.failures.isEmpty()) {
            throw tally.failures.getFirst().onCaller();
        }
        return tally.bytes.getFirst();
    }
}
