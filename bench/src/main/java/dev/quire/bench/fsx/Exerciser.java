package dev.quire.bench.fsx;

import dev.quire.pagecache.backing.SnapshotLostException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** One thread's file, and beside it the copy: whatever is done to one is done to the other. */
final class Exerciser {
    private static final int TAIL = 32;
    private static final int SNAPSHOTS_MAX = 2;

    /** Not after each operation: to look has the last page cached. */
    private static final int BEHIND_END_ONE_IN = 8;

    /** A snapshot and what it must hold. */
    private record Held(ExercisedFile.View view, Shadow shadow) {}

    private final int thread;
    private final Path path;
    private final OperationSource source;
    private final OperationLog log;
    private final AtomicLong done;
    private final Shadow shadow;
    private final byte[] buffer = new byte[Operation.BYTES_MAX];
    private final Deque<Held> snapshots = new ArrayDeque<>();
    private final Deque<Operation> tail = new ArrayDeque<>();
    private long snapshotsLost;

    Exerciser(
            int thread,
            Path path,
            OperationSource source,
            int fileBytes,
            OperationLog log,
            AtomicLong done) {
        this.thread = thread;
        this.path = path;
        this.source = source;
        this.log = log;
        this.done = done;
        shadow = new Shadow(fileBytes);
    }

    /** The last operations, oldest first. */
    List<Operation> tail() {
        return List.copyOf(tail);
    }

    long snapshotsLost() {
        return snapshotsLost;
    }

    /**
     * Does operations.
     *
     * @param file empty
     * @param from those before are done on the copy only
     * @param end the number after the last
     * @throws MismatchException at the first that shows a difference
     */
    void run(ExercisedFile file, long from, long end) throws IOException, MismatchException {
        for (long number = 0; number < from; number++) {
            change(source.operation(number, shadow.size()));
        }
        if (from > 0) {
            file.write(0, shadow.content());
            file.truncate(shadow.size());
        }
        for (long number = from; number < end; number++) {
            Operation operation = source.operation(number, shadow.size());
            remember(operation);
            log.write(thread, operation);
            perform(file, operation);
            change(operation);
            checkSize(file);
            if (operation.content() % BEHIND_END_ONE_IN == 0) {
                checkBehindEnd(file);
            }
            done.incrementAndGet();
        }
        while (!snapshots.isEmpty()) {
            compare(snapshots.peek());
            snapshots.remove().view().close();
        }
        compare(file);
        sync(file);
        file.close();
        compareStored("once it is closed, ");
    }

    private void remember(Operation operation) {
        if (tail.size() == TAIL) {
            tail.remove();
        }
        tail.add(operation);
    }

    // ---- the copy

    private void change(Operation operation) {
        switch (operation.kind()) {
            case WRITE, APPEND, WRITE_DIRECT ->
                    shadow.write(operation.offset(), operation.written());
            case TRUNCATE -> shadow.truncate(operation.offset());
            case PUNCH_HOLE -> shadow.punchHole(operation.offset(), operation.bytes());
            default -> {
                // nothing changes
            }
        }
    }

    // ---- the file

    private void perform(ExercisedFile file, Operation operation)
            throws IOException, MismatchException {
        int at = operation.offset();
        int bytes = operation.bytes();
        switch (operation.kind()) {
            case READ -> compare(shadow, at, bytes, file.read(at, buffer, bytes));
            case READ_DIRECT -> compare(shadow, at, bytes, file.readDirect(at, buffer, bytes));
            case WRITE -> file.write(at, operation.written());
            case WRITE_DIRECT -> file.writeDirect(at, operation.written());
            case APPEND -> file.append(operation.written());
            case TRUNCATE -> file.truncate(at);
            case PUNCH_HOLE -> file.punchHole(at, bytes);
            case POLLUTE -> pollute(file, operation);
            case SYNC -> sync(file);
            case SNAPSHOT -> takeOrGiveUp(file);
            case READ_SNAPSHOT -> readSnapshot(at, bytes);
            case INVALIDATE -> file.invalidate(at, bytes);
            case PREFETCH -> file.prefetch(at, bytes);
            case REOPEN -> reopen(file);
            case RESIZE -> file.resize(at);
        }
    }

    private void compare(Shadow of, int at, int wanted, int got) throws MismatchException {
        int readable = of.readable(at, wanted);
        if (got != readable) {
            throw new MismatchException(
                    "a read of %d bytes at %d must give %d and gave %d"
                            .formatted(wanted, at, readable, got));
        }
        String difference = of.difference(at, buffer, got);
        if (!difference.isEmpty()) {
            throw new MismatchException(difference);
        }
    }

    private void checkSize(ExercisedFile file) throws IOException, MismatchException {
        if (file.sizeBytes() != shadow.size()) {
            throw new MismatchException(
                    "the file must have %d bytes and has %d"
                            .formatted(shadow.size(), file.sizeBytes()));
        }
    }

    private void checkBehindEnd(ExercisedFile file) throws IOException, MismatchException {
        byte[] found = file.behindEnd();
        for (int i = 0; i < found.length; i++) {
            if (found[i] != 0) {
                throw new MismatchException(
                        ("behind the end, which is %d, byte %d of it in the last page must be 0x00"
                                        + " and is 0x%02x")
                                .formatted(shadow.size(), i, found[i]));
            }
        }
    }

    /** What was there for a moment must not be seen again, by growth or in the store. */
    private void pollute(ExercisedFile file, Operation operation) throws IOException {
        file.append(operation.written());
        if (operation.content() % 2 == 0) {
            file.sync();
        }
        file.truncate(operation.offset());
    }

    private void compare(ExercisedFile file) throws IOException, MismatchException {
        for (int at = 0; at < shadow.size(); at += buffer.length) {
            compare(shadow, at, buffer.length, file.read(at, buffer, buffer.length));
        }
    }

    private void sync(ExercisedFile file) throws IOException, MismatchException {
        file.sync();
        compareStored("once it is synced, ");
    }

    /** What is there for others: as long, and no byte more. */
    private void compareStored(String when) throws IOException, MismatchException {
        try (PlainFile stored = new PlainFile(path)) {
            checkSize(stored);
            compare(stored);
        } catch (MismatchException e) {
            throw new MismatchException(when + e.getMessage());
        }
    }

    /** The file is closed in between, and what is stored compared. */
    private void reopen(ExercisedFile file) throws IOException, MismatchException {
        for (Held held : snapshots) {
            held.view().close();
        }
        snapshots.clear();
        file.reopen();
        if (Files.size(path) != shadow.size()) {
            throw new MismatchException(
                    "once it was closed, it must have %d bytes and had %d"
                            .formatted(shadow.size(), Files.size(path)));
        }
    }

    // ---- snapshots

    private void takeOrGiveUp(ExercisedFile file) throws IOException, MismatchException {
        if (snapshots.size() == SNAPSHOTS_MAX) {
            compare(snapshots.peek());
            snapshots.remove().view().close();
        } else {
            snapshots.add(new Held(file.snapshot(), shadow.copy()));
        }
    }

    private void readSnapshot(int at, int bytes) throws IOException, MismatchException {
        Held held = at % 2 == 0 ? snapshots.peekFirst() : snapshots.peekLast();
        if (held != null) {
            compare(held, at, bytes);
        }
    }

    private void compare(Held held) throws IOException, MismatchException {
        for (int at = 0; at < held.shadow().size(); at += buffer.length) {
            compare(held, at, buffer.length);
        }
    }

    private void compare(Held held, int at, int bytes) throws IOException, MismatchException {
        try {
            if (held.view().sizeBytes() != held.shadow().size()) {
                throw new MismatchException(
                        "a snapshot must have %d bytes and has %d"
                                .formatted(held.shadow().size(), held.view().sizeBytes()));
            }
            compare(held.shadow(), at, bytes, held.view().read(at, buffer, bytes));
        } catch (SnapshotLostException e) {
            snapshotsLost++; // allowed: it says so
        } catch (MismatchException e) {
            throw new MismatchException("in a snapshot, " + e.getMessage());
        }
    }
}
