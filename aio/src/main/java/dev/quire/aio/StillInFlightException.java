package dev.quire.aio;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A close with a bound gave up waiting: the system still works on requests, and their memory must
 * stay what it is until their completions have run. The engine stays as it is, refuses new
 * requests, and can be closed again.
 */
public final class StillInFlightException extends IOException {
    private static final long serialVersionUID = 1;

    private static final int NAMED_MAX = 8;

    /** What the requests are. */
    private final transient List<String> requests;

    StillInFlightException(Duration timeout, List<String> requests) {
        super(message(timeout, requests));
        this.requests = List.copyOf(requests);
    }

    /**
     * The requests that were not over: what each does, on which file and where.
     *
     * @return descriptions for a reader, in no order; some may be over by now
     */
    public List<String> requests() {
        return requests;
    }

    private static String message(Duration timeout, List<String> requests) {
        int named = Math.min(NAMED_MAX, requests.size());
        return "close gave up waiting, requests are still in flight and keep their memory: timeout="
                + timeout
                + ", requests="
                + requests.size()
                + ": "
                + String.join("; ", requests.subList(0, named))
                + (named < requests.size() ? "; ..." : "");
    }
}
