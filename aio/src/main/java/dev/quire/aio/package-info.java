/**
 * Asynchronous direct file I/O: one contract, several engines, exactly one completion a request.
 *
 * <p>{@link dev.quire.aio.AsyncIo} opens files, {@link dev.quire.aio.AsyncFile} is the contract.
 * The life of an asynchronous request:
 *
 * <pre>
 *  submitting thread                                        thread of the engine
 *
 *  checks: refused here, nothing has happened
 *     | admit: waits for one of queueDepth slots
 *     |        (a completion never waits: overflow queue, until a slot is given back)
 *     v
 *  both sides hold the request ---- a ring's inbox -----&gt;  runs the operation, resumes what was
 *     |                             or work queue             done in part, stores the result
 *     | lets go                                                | lets go
 *     v                                                        v
 *  looks at it no more                          the last of the two sees to the report:
 *  (when it was the last, the request           gives the memory's claims back, frees the
 *   goes the same way again)                    request, gives its slot back, runs the
 *                                               completion, once, on this thread
 * </pre>
 *
 * <p>A blocking form on a virtual thread is such a request with a completion that unparks it; on a
 * platform thread with a native engine it is the system call itself, unless a deadline or a
 * cancellation is to be heard meanwhile.
 *
 * <p>Tests of storage on top of this can have any of it go wrong: {@link dev.quire.aio.FaultPlan}.
 */
@NullMarked
package dev.quire.aio;

import org.jspecify.annotations.NullMarked;
