package dev.quire.bench.console;

import java.io.PrintWriter;

/**
 * Where a command writes: results on {@code out}, everything about the run itself on {@code err}.
 * One thread.
 */
public final class Console {
    private final PrintWriter out;
    private final PrintWriter err;
    private final int columns;
    private int statusLength;

    /**
     * A console of two writers.
     *
     * @param out results
     * @param err notes, live lines and errors
     * @param columns how wide a terminal {@code err} is, where a line can be written over; 0 when
     *     it is none
     */
    public Console(PrintWriter out, PrintWriter err, int columns) {
        this.out = out;
        this.err = err;
        this.columns = columns;
    }

    /**
     * Tells how wide {@code err} is.
     *
     * @return columns; 0 when it is no terminal
     */
    public int columns() {
        return columns;
    }

    /**
     * Prints results.
     *
     * @param text one or more lines
     */
    public void result(String text) {
        endStatus();
        out.println(text);
        out.flush();
    }

    /**
     * Tells what goes on, in a line that stays.
     *
     * @param text one line
     */
    public void note(String text) {
        endStatus();
        err.println("quire: " + text);
        err.flush();
    }

    /**
     * Tells what goes on right now: on a terminal the line replaces the one before.
     *
     * @param text one line
     */
    public void status(String text) {
        if (columns > 0) {
            // A line as wide as the terminal would already wrap, and could not be written over.
            String shown = text.substring(0, Math.min(text.length(), columns - 1));
            err.print("\r" + shown + " ".repeat(Math.max(0, statusLength - shown.length())));
            statusLength = shown.length();
        } else {
            err.println(text);
        }
        err.flush();
    }

    /**
     * Whether nobody reads the results any more.
     *
     * @return true once {@code out} or {@code System.out} has failed, as a pipe does whose reader
     *     has ended
     */
    public boolean broken() {
        // A writer over System.out does not hear of its errors, which that keeps to itself.
        return out.checkError() || System.out.checkError();
    }

    private void endStatus() {
        if (statusLength > 0) {
            err.println();
            statusLength = 0;
        }
    }
}
