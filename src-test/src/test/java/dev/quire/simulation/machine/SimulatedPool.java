package dev.quire.simulation.machine;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A pool whose idle threads do not end: they would by the clock of the real world. */
public final class SimulatedPool extends ThreadPoolExecutor {
    public SimulatedPool(
            int coreSize,
            int sizeMax,
            long idleTime,
            TimeUnit unit,
            BlockingQueue<Runnable> queue,
            ThreadFactory threads) {
        super(coreSize, sizeMax, 1, TimeUnit.DAYS, queue, threads);
    }
}
