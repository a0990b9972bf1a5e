package dev.quire.faults;

import java.nio.file.Path;

/** A whole operation, what stands before it and what must hold after it, whatever failed in it. */
public interface Scene {
    /** Makes what the operation needs; nothing fails meanwhile. */
    void prepare(Path directory) throws Exception;

    /** The operation. May be called again after it failed, or did not. */
    void act() throws Exception;

    /**
     * Checks invariants and contents.
     *
     * @param acknowledged whether the operation said that it was done
     */
    void check(boolean acknowledged) throws Exception;

    /** Does the operation again where it was not acknowledged: now it works. */
    void actAgain() throws Exception;

    /** Ends everything, and checks what is left in the store. */
    void finish() throws Exception;

    /** Whether somebody was told that memory could not be given back. */
    default boolean keepsMemory() {
        return false;
    }

    /** Gives up what is open still: a check has failed. */
    void abandon();
}
