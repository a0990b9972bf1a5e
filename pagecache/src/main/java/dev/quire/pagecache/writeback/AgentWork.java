package dev.quire.pagecache.writeback;

/** What is done for an agent on other threads, so that it rests when the agents do. */
@FunctionalInterface
public interface AgentWork {
    /** Something to do. */
    @FunctionalInterface
    interface Work {
        /**
         * Does it.
         *
         * @return how much was done
         * @throws Exception to be reported
         */
        int run() throws Exception;
    }

    /**
     * Does some work; what it throws is reported as what an agent throws.
     *
     * @param what in words, for who waits until nobody is at work
     * @param work what is to be done
     * @return how much was done; 0 when it failed
     */
    int turn(String what, Work work);
}
