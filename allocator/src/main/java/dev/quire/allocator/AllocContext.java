package dev.quire.allocator;

/**
 * What an allocation may do to find a block, and whether it may take the frames below the min
 * watermark. All of them wake background reclaim.
 *
 * <p>A thread can also be {@linkplain PageAllocator#callIn narrowed} for a while: what its
 * allocations then may do is what both contexts allow.
 *
 * <p>Source: Linux's {@code gfp_t} and {@code memalloc_noio_save}; the kernel's name of each is
 * given with it.
 */
public enum AllocContext {
    /** May reclaim, and wait for I/O meanwhile ({@code GFP_KERNEL}). */
    NORMAL(Reach.DO_IO, false),

    /**
     * May reclaim, but may not wait for I/O: for who is inside an I/O himself ({@code GFP_NOIO}).
     */
    NO_IO(Reach.RECLAIM, false),

    /** May wait for short locks, may not reclaim ({@code GFP_NOWAIT}, nearly). */
    NO_RECLAIM(Reach.BLOCK, false),

    /** Takes what is free, and waits for nothing ({@code GFP_NOWAIT}). */
    NO_WAIT(Reach.NOTHING, false),

    /** As {@link #NO_IO}, and may take the reserve: for who writes pages back. */
    WRITEBACK(Reach.RECLAIM, true),

    /** As {@link #NO_RECLAIM}, and may take the reserve: for reclaim ({@code PF_MEMALLOC}). */
    RESERVE(Reach.BLOCK, true),

    /** As {@link #NO_WAIT}, and may take the reserve: for completions ({@code GFP_ATOMIC}). */
    ATOMIC(Reach.NOTHING, true);

    /** Each includes those before it: who reclaims takes locks, who does I/O reclaims. */
    private enum Reach {
        NOTHING,
        BLOCK,
        RECLAIM,
        DO_IO
    }

    private static final AllocContext[] ALL = values();

    private final Reach reach;
    private final boolean mayUseReserve;

    AllocContext(Reach reach, boolean mayUseReserve) {
        this.reach = reach;
        this.mayUseReserve = mayUseReserve;
    }

    /**
     * Whether short locks may be waited for: those of LRU lists, to free what was deferred.
     *
     * @return false in a restricted context
     */
    public boolean mayBlock() {
        return reach.compareTo(Reach.BLOCK) >= 0;
    }

    /**
     * Whether the shrinker may be asked to reclaim.
     *
     * @return true if it may
     */
    public boolean mayReclaim() {
        return reach.compareTo(Reach.RECLAIM) >= 0;
    }

    /**
     * Whether reclaim may wait for I/O.
     *
     * @return true if it may
     */
    public boolean mayDoIo() {
        return reach == Reach.DO_IO;
    }

    /**
     * Whether the frames below the min watermark may be taken.
     *
     * @return true for those who give more back than they take
     */
    public boolean mayUseReserve() {
        return mayUseReserve;
    }

    /**
     * This context inside another one: may do what both may do, and use the reserve if either may.
     *
     * @param outer the context around it
     * @return this, narrowed
     */
    public AllocContext within(AllocContext outer) {
        Reach least = reach.compareTo(outer.reach) < 0 ? reach : outer.reach;
        boolean reserve = mayUseReserve || outer.mayUseReserve;
        for (AllocContext context : ALL) {
            if (context.reach == least && context.mayUseReserve == reserve) {
                return context;
            }
        }
        throw new AssertionError("contexts are closed under narrowing: " + this + ", " + outer);
    }
}
