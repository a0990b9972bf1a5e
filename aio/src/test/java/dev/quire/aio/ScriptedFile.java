package dev.quire.aio;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A raw file that answers each try from a script: bytes moved, or minus an error number. */
class ScriptedFile implements RawFile {
    final Deque<Long> script = new ArrayDeque<>();
    final List<String> tries = new ArrayList<>();
    private final int blockBytes;

    ScriptedFile(int blockBytes, long... answers) {
        this.blockBytes = blockBytes;
        for (long answer : answers) {
            script.add(answer);
        }
    }

    @Override
    public long read(MemorySegment segment, long offset, long bytes, long position)
            throws IOException {
        tries.add("read " + offset + "+" + bytes + "@" + position);
        return script.remove();
    }

    @Override
    public long write(
            MemorySegment segment, long offset, long bytes, long position, boolean dataSync)
            throws IOException {
        tries.add("write " + offset + "+" + bytes + "@" + position + (dataSync ? " dsync" : ""));
        return script.remove();
    }

    @Override
    public long readVector(MemorySegment[] segments, int from, int count, long skip, long position)
            throws IOException {
        tries.add("readVector " + from + "#" + count + " skip " + skip + "@" + position);
        return script.remove();
    }

    @Override
    public long writeVector(
            MemorySegment[] segments,
            int from,
            int count,
            long skip,
            long position,
            boolean dataSync)
            throws IOException {
        tries.add("writeVector " + from + "#" + count + " skip " + skip + "@" + position);
        return script.remove();
    }

    @Override
    public void sync(boolean metadata) throws IOException {
        tries.add(metadata ? "sync" : "syncData");
    }

    @Override
    public void syncDirectory() throws IOException {
        tries.add("syncDirectory");
        if (!script.isEmpty()) {
            throw new IOException("scripted " + script.remove());
        }
    }

    @Override
    public long sizeBytes() {
        return 0;
    }

    @Override
    public void truncate(long bytes) {
        tries.add("truncate " + bytes);
    }

    @Override
    public void allocate(long position, long bytes) {
        tries.add("allocate " + bytes + "@" + position);
    }

    @Override
    public void punchHole(long position, long bytes) {
        tries.add("punchHole " + bytes + "@" + position);
    }

    @Override
    public FileCapabilities capabilities() {
        return FileCapabilities.UNKNOWN;
    }

    @Override
    public void close() throws IOException {
        tries.add("close");
    }

    @Override
    public boolean direct() {
        return blockBytes > 1;
    }

    @Override
    public int offsetAlignmentBytes() {
        return blockBytes;
    }

    @Override
    public int memoryAlignmentBytes() {
        return 1;
    }
}
