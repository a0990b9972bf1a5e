package dev.quire.bench.example;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.backing.PageHooks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * What was done to the pages since the last checkpoint, in records that are there as a whole or not
 * at all; and the hooks that keep pages from the disk until the log says what happened to them.
 *
 * <p>The first change to a page after a checkpoint is logged as the whole page, later ones as the
 * entry that changed. So recovery never needs what the disk has of a page that was being written
 * when the power went: it begins with the page from the log. A position in the log, its LSN, counts
 * all bytes since the log was opened.
 */
class Log implements PageHooks, AutoCloseable {
    static final byte PAGES = 1;
    static final byte PUT = 2;
    static final byte REMOVE = 3;

    private static final int START = 512; // the first sector holds the epoch, the checkpoints made
    private static final int HEADER_BYTES = 8; // length and checksum

    private final FileChannel channel;
    private final ByteArrayOutputStream tail = new ByteArrayOutputStream(); // not yet written
    private long position = START; // where it goes
    private long epoch; // the checkpoints that there have been
    private volatile long appended;
    private volatile long restarted; // what was appended by the last checkpoint
    private volatile long durable;

    Log(Path path) throws IOException {
        channel = FileChannel.open(path, READ, WRITE, CREATE);
    }

    /** Bytes since the last checkpoint. */
    long length() {
        return appended - restarted;
    }

    long appended() {
        return appended;
    }

    // ---- writing; the caller has latched the pages, so that each one's changes are in order

    /** Logs pages as they are: after a crash all of them are, or none. */
    void pages(PageCursor... pages) {
        ByteBuffer record = record(1 + pages.length * (Long.BYTES + Node.PAGE_BYTES)).put(PAGES);
        for (PageCursor page : pages) {
            Node.epoch(page, epoch);
            record.putLong(page.page());
            page.copyTo(0, MemorySegment.ofBuffer(record), 0, Node.PAGE_BYTES);
            record.position(record.position() + Node.PAGE_BYTES);
        }
        append(record, pages);
    }

    /** Changes an entry of a page, and logs that. */
    void change(PageCursor page, byte what, long key, long value) {
        apply(page, what, key, value);
        if (hasPage(page)) {
            ByteBuffer record = record(1 + 3 * Long.BYTES).put(what).putLong(page.page());
            append(record.putLong(key).putLong(value), page);
        } else {
            pages(page);
        }
    }

    private static void apply(PageCursor page, byte what, long key, long value) {
        if (what == PUT) {
            Node.put(page, key, value);
        } else {
            Node.remove(page, key);
        }
    }

    boolean hasPage(PageCursor page) {
        return Node.epoch(page) == epoch;
    }

    private static ByteBuffer record(int bytes) {
        return ByteBuffer.allocate(HEADER_BYTES + bytes).position(HEADER_BYTES);
    }

    private synchronized void append(ByteBuffer record, PageCursor... pages) {
        int length = record.position() - HEADER_BYTES;
        record.putInt(0, length)
                .putInt(Integer.BYTES, checksum(record.slice(HEADER_BYTES, length)));
        byte[] bytes = new byte[record.flip().remaining()];
        record.get(bytes);
        tail.writeBytes(bytes);
        appended += bytes.length;
        for (PageCursor page : pages) {
            page.lsn(appended);
        }
    }

    /** Of a record: one that an earlier epoch left there is none. */
    private int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, epoch));
        crc.update(bytes);
        return (int) crc.getValue();
    }

    // ---- the hooks, and what makes it durable

    @Override
    public long beforeWrite(long page, MemorySegment image, long lsn) {
        return lsn <= durable ? GO : lsn;
    }

    /** Makes the log durable up to a position; who waited for another's sync need not do one. */
    @Override
    public void forceLog(long lsn) throws IOException {
        synchronized (channel) {
            if (durable < lsn) {
                ByteBuffer bytes;
                long upTo;
                synchronized (this) {
                    bytes = ByteBuffer.wrap(tail.toByteArray());
                    tail.reset();
                    upTo = appended;
                }
                write(bytes, position);
                position += bytes.limit();
                durable = upTo;
            }
        }
    }

    private void write(ByteBuffer bytes, long at) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes, at + bytes.position());
            }
            channel.force(false);
        } catch (IOException e) {
            channel.close(); // a sync that fails may have lost the bytes: no later one may succeed
            throw e;
        }
    }

    /** Begins anew: what is logged by now is in the pages, durably. Nobody logs meanwhile. */
    void restart() throws IOException {
        synchronized (channel) {
            write(ByteBuffer.allocate(Long.BYTES).putLong(0, epoch + 1), 0);
            epoch++;
            position = START;
            restarted = appended;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    // ---- recovery

    /**
     * Does again what was logged since the last checkpoint, up to where the crash cut it off.
     *
     * @return false if there never was a checkpoint
     */
    boolean replay(PageCursor c) throws IOException {
        ByteBuffer log = ByteBuffer.allocate(START + Math.toIntExact(channel.size()));
        int count = 0;
        while (count >= 0) {
            count = channel.read(log, log.position());
        }
        // Pages may be written from now on: only after what they are made of. Written again, since
        // the kernel may show bytes that a sync before could not store, and never try them again.
        write(log.duplicate().flip(), 0);
        epoch = log.getLong(0);
        for (int at = START; isRecord(log, at); at += HEADER_BYTES + log.getInt(at)) {
            redo(log.slice(at + HEADER_BYTES, log.getInt(at)), c);
        }
        return epoch > 0;
    }

    private boolean isRecord(ByteBuffer log, int at) {
        int room = log.capacity() - HEADER_BYTES - at;
        int length = room < 0 ? 0 : log.getInt(at);
        return length > 0
                && length <= room
                && log.getInt(at + Integer.BYTES) == checksum(log.slice(at + HEADER_BYTES, length));
    }

    private static void redo(ByteBuffer record, PageCursor c) {
        byte what = record.get();
        while (record.hasRemaining()) {
            c.write(record.getLong()); // grows the file if it was not that long yet
            if (what == PAGES) {
                c.copyFrom(0, MemorySegment.ofBuffer(record), 0, Node.PAGE_BYTES);
                record.position(record.position() + Node.PAGE_BYTES);
            } else {
                apply(c, what, record.getLong(), record.getLong());
            }
            c.release();
        }
    }
}
