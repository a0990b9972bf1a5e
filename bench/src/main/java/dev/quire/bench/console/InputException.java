package dev.quire.bench.console;

import org.jspecify.annotations.Nullable;

/**
 * What the user gave cannot be worked on: the message is one line that names the value and the
 * limit, the command ends with exit code 2 and no stack trace is shown.
 */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Refuses what the user gave.
     *
     * @param message one line: the rule, then {@code name=value}
     */
    public InputException(String message) {
        super(message);
    }

    /**
     * Refuses what the user gave, for a reason of the system.
     *
     * @param message one line: the rule, then {@code name=value}
     * @param cause what the system said
     */
    public InputException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Refuses a value unless it is right.
     *
     * @param holds whether it is
     * @param rule what must hold, such as {@code must be from 1 to 9}
     * @param name of the option
     * @param value of the option
     * @throws InputException when it is not
     */
    public static void require(boolean holds, String rule, String name, @Nullable Object value) {
        if (!holds) {
            throw new InputException(name + " " + rule + ": " + name + "=" + value);
        }
    }
}
