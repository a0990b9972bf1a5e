package dev.quire.simulation;

import dev.quire.pagecache.PagedFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * A log that one player appends to: records with a length, a number and a checksum. After a crash
 * its valid prefix is a prefix of what was appended, and has all that was acknowledged.
 */
final class LogFile {
    private static final int HEADER_BYTES = 16;
    private static final int PAYLOAD_MAX = 3000;
    private static final long BYTES_MAX = 400_000;

    private final SplittableRandom random;
    private final Map<String, Long> done;
    private final List<byte[]> appended = new ArrayList<>();
    private List<byte[]> previous =
            List.of(); // that of the generation before, while it may be there
    private int generation;
    private int acknowledged;
    private long end;

    LogFile(SplittableRandom random, Map<String, Long> done) {
        this.random = random;
        this.done = done;
    }

    /** Where the next record goes. */
    long end() {
        return end;
    }

    // ---- the player

    /** Appends some records and syncs, or begins anew when the log is long. */
    void step(PagedFile file, FileChannel channel) throws IOException {
        if (end > BYTES_MAX) {
            previous = List.copyOf(appended);
            appended.clear();
            acknowledged = 0;
            end = 0;
            generation++;
            file.truncate(0);
            file.sync();
            previous = List.of();
            return;
        }
        for (int i = random.nextInt(6); i >= 0; i--) {
            byte[] record = record(appended.size());
            appended.add(record);
            ByteBuffer from = ByteBuffer.wrap(record);
            while (from.hasRemaining()) {
                channel.write(from, end + from.position());
            }
            end += record.length;
        }
        int count = appended.size();
        if (random.nextInt(3) > 0) {
            channel.force(false);
            acknowledged = count;
            done.merge("logSync", 1L, Long::sum);
        }
    }

    private byte[] record(int number) {
        byte[] payload = new byte[random.nextInt(PAYLOAD_MAX)];
        random.nextBytes(payload);
        ByteBuffer record = ByteBuffer.allocate(HEADER_BYTES + payload.length);
        record.putInt(payload.length).putInt(number).putInt(generation);
        record.putInt(0).put(payload);
        return record.putInt(12, checksum(record)).array();
    }

    private static int checksum(ByteBuffer record) {
        CRC32C crc = new CRC32C();
        crc.update(record.slice(0, 12));
        crc.update(record.slice(HEADER_BYTES, record.capacity() - HEADER_BYTES));
        return (int) crc.getValue();
    }

    // ---- after a crash

    /**
     * Recovers: what is behind the valid prefix is not of the log.
     *
     * @return where the prefix ends
     */
    long found(byte[] bytes) {
        ByteBuffer log = ByteBuffer.wrap(bytes);
        int first = bytes.length < HEADER_BYTES ? generation : log.getInt(8);
        boolean old = first != generation && isRecord(log, 0, 0, first) && !previous.isEmpty();
        List<byte[]> legal = old ? previous : appended;
        int count = 0;
        int at = 0;
        while (isRecord(log, at, count, old ? first : generation)) {
            byte[] record = Arrays.copyOfRange(bytes, at, at + HEADER_BYTES + log.getInt(at));
            if (count >= legal.size() || !Arrays.equals(record, legal.get(count))) {
                throw new AssertionError("record " + count + " was never appended there");
            }
            at += record.length;
            count++;
        }
        if (old ? acknowledged > 0 : count < acknowledged) {
            throw new AssertionError(
                    "the log has %d records%s, %d were acknowledged of %d appended"
                            .formatted(
                                    count, old ? " of before" : "", acknowledged, appended.size()));
        }
        List<byte[]> found = List.copyOf(legal.subList(0, count));
        appended.clear();
        appended.addAll(found);
        previous = List.of();
        generation = old ? first : generation;
        acknowledged = count;
        end = at;
        return end;
    }

    private static boolean isRecord(ByteBuffer log, int at, int number, int generation) {
        if (log.capacity() - at < HEADER_BYTES) {
            return false;
        }
        int payload = log.getInt(at);
        return payload >= 0
                && payload < PAYLOAD_MAX
                && log.capacity() - at >= HEADER_BYTES + payload
                && log.getInt(at + 4) == number
                && log.getInt(at + 8) == generation
                && log.getInt(at + 12) == checksum(log.slice(at, HEADER_BYTES + payload));
    }
}
