package dev.quire.bench.io;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.AsyncIo;
import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.aio.IoException;
import dev.quire.aio.IoOptions;
import dev.quire.aio.MemoryRegistration;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.bench.console.InputException;
import dev.quire.bench.console.Names;
import dev.quire.bench.run.DirectOption;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** One of Quire's engines, in the callback form. Every job opens the file for itself. */
final class EngineSubject implements Subject {
    /** What the name ends with where the rings know the memory. */
    static final String FIXED = "-fixed";

    private static final int FRAME_BYTES = 4096;

    /** What frame caches and watermarks may hold back. */
    private static final long SPARE_BYTES = 64L << 20;

    private final Engine engine;
    private final boolean fixed;
    private final int rings;

    /**
     * An engine.
     *
     * @param engine which
     * @param fixed whether its rings know the memory beforehand
     * @param rings how many, if it has any
     */
    EngineSubject(Engine engine, boolean fixed, int rings) {
        this.engine = engine;
        this.fixed = fixed;
        this.rings = rings;
    }

    @Override
    public String name() {
        return nameOf(engine);
    }

    @Override
    public IoResult run(IoShape shape, MeasuredFile file) throws IOException {
        List<Integer> frames = new ArrayList<>();
        try (PageAllocator allocator = allocator(shape)) {
            try (AsyncIo io = open(shape)) {
                if (fixed) {
                    fix(io, allocator);
                }
                Turn turn = new Turn(nameOf(io.engine()), shape, shape.slots());
                List<EngineSlot> slots = slots(io, shape, file, turn, allocator, frames);
                return turn.run(() -> slots.forEach(EngineSlot::start));
            } finally {
                // The engine is closed, so that nothing is under way in them.
                frames.forEach(allocator::put);
            }
        }
    }

    private AsyncIo open(IoShape shape) {
        try {
            return AsyncIo.open(
                    AsyncIoConfig.builder()
                            .engine(engine)
                            .queueDepth(shape.slots())
                            .rings(rings)
                            .build());
        } catch (IllegalStateException e) {
            throw new InputException(
                    "--engine does not work here ("
                            + e.getMessage()
                            + "): --engine="
                            + Names.of(engine),
                    e);
        }
    }

    /** Until the engine is closed. */
    private static void fix(AsyncIo io, PageAllocator allocator) {
        MemoryRegistration registration = io.registerMemory(allocator);
        if (!registration.isFixed()) {
            throw new InputException(
                    "--fixed does not work here: "
                            + registration.refusal().orElse("no reason known"));
        }
    }

    private static List<EngineSlot> slots(
            AsyncIo io,
            IoShape shape,
            MeasuredFile target,
            Turn turn,
            PageAllocator allocator,
            List<Integer> frames)
            throws IOException {
        List<EngineSlot> slots = new ArrayList<>();
        IoOptions options = IoOptions.NONE.durability(shape.durability());
        Random seeds = new Random();
        for (int job = 0; job < shape.jobs(); job++) {
            AsyncFile file = open(io, shape, target);
            AtomicLong sequence = new AtomicLong();
            for (int i = 0; i < shape.depth(); i++) {
                int frame = allocator.allocate(order(shape));
                frames.add(frame);
                MemorySegment memory = allocator.segment(frame).asSlice(0, shape.blockBytes());
                fill(memory, seeds);
                Requests requests = new Requests(shape, target.bytes(), sequence, seeds.nextLong());
                slots.add(new EngineSlot(file, memory, requests, options, turn));
            }
        }
        return slots;
    }

    private static AsyncFile open(AsyncIo io, IoShape shape, MeasuredFile target)
            throws IOException {
        List<OpenOption> options = new ArrayList<>();
        if (shape.pattern().reads()) {
            options.add(StandardOpenOption.READ);
        }
        if (shape.pattern().writes()) {
            options.add(StandardOpenOption.WRITE);
        }
        if (shape.direct()) {
            options.add(DirectOption.DIRECT);
        }
        AsyncFile file;
        try {
            file = io.open(target.path(), options.toArray(OpenOption[]::new));
        } catch (IoException e) {
            if (shape.direct() && e.errnoName().equals("EINVAL")) {
                throw new InputException(
                        "the file system has no direct I/O: add --buffered: --file="
                                + target.path(),
                        e);
            }
            throw e;
        }
        InputException.require(
                shape.blockBytes() % file.directAlignment() == 0,
                "must be a multiple of "
                        + file.directAlignment()
                        + ", which direct I/O on this file needs",
                "--block-bytes",
                shape.blockBytes());
        return file;
    }

    private static PageAllocator allocator(IoShape shape) {
        long blockBytes = Math.max(shape.blockBytes(), FRAME_BYTES);
        return PageAllocator.create(
                AllocatorConfig.builder()
                        .pageBytes(FRAME_BYTES)
                        .capacityBytes(2 * blockBytes * shape.slots() + SPARE_BYTES)
                        .build());
    }

    private static int order(IoShape shape) {
        return Integer.numberOfTrailingZeros(Math.max(1, shape.blockBytes() / FRAME_BYTES));
    }

    private static void fill(MemorySegment memory, Random random) {
        for (long at = 0; at < memory.byteSize(); at += Long.BYTES) {
            memory.set(ValueLayout.JAVA_LONG, at, random.nextLong());
        }
    }

    private String nameOf(Engine which) {
        return Names.of(which) + (fixed ? FIXED : "");
    }
}
