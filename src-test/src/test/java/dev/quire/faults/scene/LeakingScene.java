package dev.quire.faults.scene;

import dev.quire.allocator.os.RawMemory;
import dev.quire.allocator.os.VirtualMemory;
import dev.quire.faults.Scene;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Keeps what it has taken, until it is abandoned: for canaries. */
public final class LeakingScene implements Scene {
    private final boolean keepsArena;
    private @Nullable Arena arena;

    @SuppressWarnings("UnusedVariable") // keeps it reachable
    private @Nullable MemorySegment memory;

    /**
     * Something that leaks.
     *
     * @param words {@code ARENA} or {@code MEMORY}
     */
    public LeakingScene(String words) {
        keepsArena = words.equals("ARENA");
    }

    @Override
    public void prepare(Path directory) {}

    @Override
    public void act() {
        if (keepsArena) {
            arena = Arena.ofShared();
        } else {
            memory = RawMemory.reserveCollected(VirtualMemory.open(), 1);
        }
    }

    @Override
    public void check(boolean acknowledged) {}

    @Override
    public void actAgain() {}

    @Override
    public void finish() {}

    @Override
    public void abandon() {
        if (arena != null) {
            arena.close();
        }
        memory = null;
    }
}
