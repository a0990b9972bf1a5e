package dev.quire.allocator;

/**
 * Whether what is kept in a block can be moved to another one. The two kinds are kept in different
 * regions as far as there is room, so that whole regions can be emptied by moving what lies there.
 *
 * <p>Source: Linux {@code migratetype}.
 */
public enum Mobility {
    /** Can be moved, as long as it is not pinned: a cached page. */
    MOVABLE,

    /** Stays where it is until it is freed: a buffer whose address somebody keeps. */
    UNMOVABLE
}
