package dev.quire.pagecache.space;

import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.PageHooks;

import java.lang.foreign.MemorySegment;

/**
 * Which hooks a store has: those that it does not inherit as they are. A call of foreign code has
 * its price (see {@link Callbacks}), which pages do not pay where nobody listens.
 *
 * @param afterRead whether it looks at what was read
 * @param beforeWrite whether it has a say in what is written
 * @param forceLog whether it makes its log durable when pages wait for it
 * @param dirtyPage whether it hears of pages that become dirty
 * @param releasePage whether it has a say in what leaves
 * @param migratePage whether it has a say in what moves to another frame
 * @param freePage whether it hears of what has left
 */
record StoreHooks(
        boolean afterRead,
        boolean beforeWrite,
        boolean forceLog,
        boolean dirtyPage,
        boolean releasePage,
        boolean migratePage,
        boolean freePage) {

    /** The hooks of a store. */
    static StoreHooks of(AddressSpaceOps ops) {
        PageHooks hooks = ops instanceof FileOps file ? file.hooks() : ops;
        Class<?> page = long.class;
        Class<?> memory = MemorySegment.class;
        return new StoreHooks(
                has(hooks, "afterRead", page, memory),
                has(hooks, "beforeWrite", page, memory, long.class),
                has(hooks, "forceLog", long.class),
                has(hooks, "dirtyPage", page),
                has(hooks, "releasePage", page, long.class),
                has(hooks, "migratePage", page, long.class),
                has(hooks, "freePage", page, long.class));
    }

    /** Whoever cannot be looked into is asked. */
    private static boolean has(PageHooks hooks, String name, Class<?>... parameters) {
        try {
            return hooks.getClass().getMethod(name, parameters).getDeclaringClass()
                    != PageHooks.class;
        } catch (NoSuchMethodException | SecurityException e) {
            return true;
        }
    }
}
