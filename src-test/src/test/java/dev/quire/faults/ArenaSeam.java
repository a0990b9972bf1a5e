package dev.quire.faults;

import java.lang.foreign.Arena;

/** What woven classes make arenas through that have to be closed: {@link Resources} is told. */
public final class ArenaSeam {
    private ArenaSeam() {}

    /** In the place of {@link Arena#ofConfined}. */
    public static Arena ofConfined() {
        return Resources.opened(Arena.ofConfined());
    }

    /** In the place of {@link Arena#ofShared}. */
    public static Arena ofShared() {
        return Resources.opened(Arena.ofShared());
    }
}
