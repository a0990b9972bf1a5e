package dev.quire.aio;

import java.util.Objects;

/** An engine that seemed to work could not be started; the message says why and what helps. */
final class EngineRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    EngineRefusedException(Exception cause) {
        super(Objects.requireNonNullElse(cause.getMessage(), cause.toString()), cause);
    }

    String reason() {
        return Objects.requireNonNull(getMessage());
    }
}
