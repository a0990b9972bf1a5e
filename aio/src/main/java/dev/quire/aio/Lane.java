package dev.quire.aio;

/** Where begun requests go: to threads that do them, and report those that are over. */
interface Lane {
    /** Takes a request, or one that is only to be reported. Any thread; never waits. */
    void offer(IoRequest request);

    /** Whether it can do all that a request asks. */
    boolean takes(IoRequest request);

    /** Some request may have to end before its time: looks for it. Any thread; never waits. */
    default void lookForAborts() {}

    /** Lets its threads go once nothing is left; callers offer nothing any more. */
    void close();
}
