package dev.quire.pagecache.warm;

import java.io.IOException;

/** A dump that is not to be used. */
final class RefusedDumpException extends IOException {
    private static final long serialVersionUID = 1L;

    private final WarmUp.Outcome outcome;

    RefusedDumpException(WarmUp.Outcome outcome, String why) {
        super(why);
        this.outcome = outcome;
    }

    WarmUp.Outcome outcome() {
        return outcome;
    }
}
