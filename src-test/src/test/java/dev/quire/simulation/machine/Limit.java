package dev.quire.simulation.machine;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/**
 * How much the library does at a time. Each is the answer of a method, in whose place a simulation
 * may give one of its own: with the few frames that it has most would be out of reach, or always 1.
 */
public enum Limit {
    /** Frames that a scan takes from the lists at a time. */
    SCAN("pagecache.reclaim.ReclaimScan.batchFrames", 32),
    /** Frames that the lists give at a time. */
    VICTIMS("pagecache.lru.Rtq.batchMax", 32),
    /** Pages that the hand passes before it gives up. */
    HAND("pagecache.lru.RtqShard.handStepsMax", 256),
    /** Looks at a lock before its holder is held up; each lets others go on. */
    SPINS("pagecache.core.BriefLock.spinsMax", 100),
    /** Changes of the lists that are made at a time for others. */
    CHANGES("pagecache.lru.ListLock.madeMax", 64),
    /** Writes that a pass has under way. */
    WRITES("pagecache.writeback.WritePass.writesMax", 8),
    /** Pages in one write. */
    WRITE_PAGES("pagecache.writeback.PageRun.pagesMax", 256),
    /** Pages of a file that are written before another file has its turn. */
    TURN("pagecache.writeback.Flusher.pagesPerTurnMin", 1024),
    /** Files that are written at a time. */
    WRITERS("pagecache.writeback.Flusher.writersMax", 32),
    /** Reads under way that nobody waits for. */
    READS("pagecache.space.AsyncReads.readsMax", 1), // more is a matter of the engine's queue
    /** Pages in one read. */
    READ_PAGES("pagecache.space.AsyncReads.runPagesMax", 64),
    /** Images of a snapshot that go to its file at a time. */
    IMAGES("pagecache.space.Images.batch", 64),
    /** Frames that an allocation without any asks reclaim for. */
    WANTED("allocator.DirectReclaim.batch", 64);

    private final String place;
    private final int most;

    Limit(String place, int most) {
        this.place = "dev.quire." + place;
        this.most = most;
    }

    /** The most that it may be. */
    public int most() {
        return most;
    }

    /** The method that answers it. */
    String place() {
        return place;
    }

    /** Comes first in the method: ends it with what the simulation says, unless that is 0. */
    void ask(CodeBuilder code) {
        Label usual = code.newLabel();
        code.loadConstant(name())
                .invokestatic(
                        ClassDesc.of(SimulatedCalls.class.getName()),
                        "limit",
                        MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_String))
                .dup()
                .ifeq(usual)
                .ireturn()
                .labelBinding(usual)
                .pop();
    }
}
