package dev.quire.simulation.machine;

import dev.quire.weave.Weaving;
import dev.quire.weave.WovenLoader;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The library, and the players who use it, made to live in a simulation: calls of the clock, of
 * timed waits, of monitors and of what names threads go to {@link SimulatedCalls}, and before every
 * access that others can see there is a point at which another thread may get in between. What the
 * machine and the disk are made of is common to both worlds.
 */
public final class SimulatedLibrary {
    private static final String WOVEN = "dev.quire.";
    private static final List<String> COMMON =
            List.of("dev.quire.simulation.machine.", "dev.quire.simulation.disk.");
    private static final String OF_THREADS = "threadId|isVirtual|start|isAlive|join";

    private SimulatedLibrary() {}

    /** A loader that has loaded nothing yet. */
    public static WovenLoader loader() {
        return new WovenLoader(
                weaving(),
                name -> name.startsWith(WOVEN) && COMMON.stream().noneMatch(name::startsWith),
                name -> true);
    }

    private static Weaving weaving() {
        Class<?> calls = SimulatedCalls.class;
        Weaving.Builder table = Weaving.table();
        for (Limit limit : Limit.values()) {
            table.atStart(limit.place(), limit::ask);
        }
        return table.beforeShared(calls, "point")
                .replace(calls, System.class, "nanoTime|currentTimeMillis")
                .replace(calls, LockSupport.class, "parkNanos|unpark")
                .replace(calls, Thread.class, "onSpinWait|currentThread|" + OF_THREADS)
                .replace(calls, Thread.class, "dev.quire.aio.IoThread", OF_THREADS)
                .replace(calls, ConcurrentHashMap.class, "newKeySet")
                .replace(calls, Runtime.class, "availableProcessors")
                .replace(calls, ReentrantLock.class, "newCondition|tryLock")
                .construct(ThreadPoolExecutor.class, SimulatedPool.class)
                .monitors(calls)
                .build();
    }
}
