package dev.quire.simulation;

import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.backing.PageHooks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * A small storage engine: accounts in pages, a write-ahead log, both in the cache. A transaction
 * sets some accounts; its record goes to the log first, and no page goes to the disk before the
 * records of what is in it are durable. An account is a value and the number of the transaction
 * that set it, side by side in one sector, so that redo knows what is there already.
 *
 * <p>After a crash there is the state after some transaction, and all that were acknowledged are in
 * it.
 */
final class Ledger {
    private static final int ACCOUNTS_PER_PAGE = 4;
    private static final int PAGES = 90;
    private static final int ACCOUNTS = PAGES * ACCOUNTS_PER_PAGE;
    private static final int SETS_MAX = 4;
    private static final int HEADER_BYTES = 12; // checksum, transaction
    private static final int SET_BYTES = 12; // account, value
    private static final int RECORD_BYTES = HEADER_BYTES + SETS_MAX * SET_BYTES;
    private static final long LOG_BYTES_MAX = 20_000;

    private final int pageBytes;
    private final SplittableRandom random;
    private final Map<String, Long> done;
    private final boolean minded;
    private final Hooks hooks = new Hooks();

    // Of all transactions since the last crash: what each set. What was there before is the start.
    private final List<long[]> transactions = new ArrayList<>();
    private long[] start = new long[ACCOUNTS];
    private int appended; // how many of them are in the log
    private int acknowledged;
    private long numberAppended;
    private long number; // of the last transaction ever begun
    private long logEnd;
    private volatile long durable; // the last transaction whose record is durable

    /**
     * An empty ledger.
     *
     * @param minded whether pages wait for their log; the canary's does not
     */
    Ledger(int pageBytes, SplittableRandom random, Map<String, Long> done, boolean minded) {
        this.pageBytes = pageBytes;
        this.random = random;
        this.done = done;
        this.minded = minded;
    }

    PageHooks hooks() {
        return hooks;
    }

    private final class Hooks implements PageHooks {
        @Override
        public long beforeWrite(long page, MemorySegment image, long lsn) {
            return !minded || lsn == GO || lsn <= durable ? GO : lsn;
        }
    }

    private static int offset(int account, int pageBytes) {
        return account % ACCOUNTS_PER_PAGE * (pageBytes / ACCOUNTS_PER_PAGE);
    }

    // ---- the player

    /** A transaction; perhaps its commit; sometimes a checkpoint, after which the log is empty. */
    void step(PagedFile accounts, PagedFile log, FileChannel logChannel) throws IOException {
        if (logEnd > LOG_BYTES_MAX || random.nextInt(100) == 0) {
            checkpoint(accounts, log);
            return;
        }
        transact(accounts, logChannel);
        if (random.nextInt(4) == 0) {
            forceLog(logChannel);
            done.merge("commit", 1L, Long::sum);
        }
    }

    /** Makes the log durable; beside the player, who may have to wait for that to write a page. */
    void forceLog(FileChannel logChannel) throws IOException {
        int count = appended;
        long last = numberAppended;
        logChannel.force(false);
        durable = Math.max(durable, last);
        acknowledged = Math.max(acknowledged, count);
    }

    private void transact(PagedFile accounts, FileChannel logChannel) throws IOException {
        long[] sets = new long[2 * SETS_MAX];
        for (int i = 0; i < SETS_MAX; i++) {
            sets[2 * i] = random.nextInt(ACCOUNTS);
            sets[2 * i + 1] = random.nextLong();
        }
        long mine = ++number;
        transactions.add(sets);
        ByteBuffer record = record(mine, sets);
        while (record.hasRemaining()) {
            logChannel.write(record, logEnd + record.position());
        }
        logEnd += RECORD_BYTES;
        appended = transactions.size();
        numberAppended = mine;
        try (PageCursor cursor = accounts.cursor()) {
            for (int i = 0; i < SETS_MAX; i++) {
                set(cursor, (int) sets[2 * i], sets[2 * i + 1], mine);
            }
        }
        done.merge("transaction", 1L, Long::sum);
    }

    private void set(PageCursor cursor, int account, long value, long transaction) {
        cursor.write(account / ACCOUNTS_PER_PAGE);
        cursor.putLong(offset(account, pageBytes), value);
        cursor.putLong(offset(account, pageBytes) + Long.BYTES, transaction);
        cursor.lsn(transaction);
        cursor.release();
    }

    private void checkpoint(PagedFile accounts, PagedFile log) throws IOException {
        log.sync();
        durable = numberAppended;
        acknowledged = appended;
        accounts.sync();
        if (accounts.oldestDirtyLsn() != Long.MAX_VALUE) {
            throw new AssertionError("still dirty: lsn=" + accounts.oldestDirtyLsn());
        }
        log.truncate(0);
        logEnd = 0;
        log.sync(); // before the next record: the old ones must not be there beside it
        done.merge("checkpoint", 1L, Long::sum);
    }

    private static ByteBuffer record(long transaction, long[] sets) {
        ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
        record.putInt(0).putLong(transaction);
        for (int i = 0; i < SETS_MAX; i++) {
            record.putInt((int) sets[2 * i]).putLong(sets[2 * i + 1]);
        }
        return record.putInt(0, checksum(record, 0)).flip();
    }

    private static int checksum(ByteBuffer records, int from) {
        CRC32C crc = new CRC32C();
        crc.update(records.slice(from + Integer.BYTES, RECORD_BYTES - Integer.BYTES));
        return (int) crc.getValue();
    }

    // ---- after a crash

    /** Recovers from what the disk holds, and fails unless that is a state that may be there. */
    void found(byte[] accounts, byte[] log) {
        long[] values = new long[ACCOUNTS];
        redo(accounts, log, values);
        long[] state = start.clone();
        for (int count = 0; count <= transactions.size(); count++) {
            if (count > 0) {
                apply(transactions.get(count - 1), state);
            }
            if (count >= acknowledged && Arrays.equals(state, values)) {
                start = values;
                transactions.clear();
                appended = 0;
                acknowledged = 0;
                return;
            }
        }
        throw new AssertionError(
                "the accounts are in no state after one of the transactions %d to %d"
                        .formatted(acknowledged, transactions.size()));
    }

    private static void apply(long[] sets, long[] state) {
        for (int i = 0; i < SETS_MAX; i++) {
            state[(int) sets[2 * i]] = sets[2 * i + 1];
        }
    }

    private void redo(byte[] accounts, byte[] log, long[] values) {
        long[] setBy = new long[ACCOUNTS];
        ByteBuffer pages = ByteBuffer.wrap(accounts).order(ByteOrder.LITTLE_ENDIAN);
        for (int account = 0; account < ACCOUNTS; account++) {
            int at = account / ACCOUNTS_PER_PAGE * pageBytes + offset(account, pageBytes);
            if (at + 2 * Long.BYTES <= accounts.length) {
                values[account] = pages.getLong(at);
                setBy[account] = pages.getLong(at + Long.BYTES);
            }
        }
        ByteBuffer records = ByteBuffer.wrap(log);
        for (int at = 0; isRecord(records, at); at += RECORD_BYTES) {
            long transaction = records.getLong(at + Integer.BYTES);
            for (int i = 0; i < SETS_MAX; i++) {
                int account = records.getInt(at + HEADER_BYTES + i * SET_BYTES);
                if (setBy[account] <= transaction) {
                    setBy[account] = transaction;
                    values[account] = records.getLong(at + HEADER_BYTES + i * SET_BYTES + 4);
                }
            }
        }
    }

    private static boolean isRecord(ByteBuffer log, int at) {
        return at + RECORD_BYTES <= log.capacity()
                && log.getLong(at + Integer.BYTES) != 0
                && log.getInt(at) == checksum(log, at);
    }

    /** Before the first transaction of a life: what was recovered goes to the pages. */
    void recover(PagedFile accounts, PagedFile log) throws IOException {
        long mine = ++number; // newer than all, so that no record that is still there undoes it
        numberAppended = mine;
        durable = mine;
        try (PageCursor cursor = accounts.cursor()) {
            for (int account = 0; account < ACCOUNTS; account++) {
                set(cursor, account, start[account], mine);
            }
        }
        accounts.sync();
        log.truncate(0);
        log.sync();
        logEnd = 0;
    }
}
