package dev.quire.pagecache.warm;

import java.io.IOException;

/** A dump that is not to be used. */
final class RefusedDumpException extends IOException {
    private static final long serialVersionUID = 1L;

    private final WarmUp.Outcome outcome;
    private final String why;

    RefusedDumpException(WarmUp.Outcome outcome, String why) {
        super(why);
        this.outcome = outcome;
        this.why = why;
    }

    WarmUp.Outcome outcome() {
        return outcome;
    }

    String why() {
        return why;
    }
}
