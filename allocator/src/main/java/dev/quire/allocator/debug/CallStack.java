package dev.quire.allocator.debug;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The top of a call stack, without the allocator's own calls.
 *
 * @param calls the innermost first, at most {@link #DEPTH_MAX}
 * @param cut whether there were more
 */
record CallStack(List<StackTraceElement> calls, boolean cut) {
    /** How many calls are kept. */
    static final int DEPTH_MAX = 16;

    private static final StackWalker WALKER = StackWalker.getInstance();

    CallStack {
        calls = List.copyOf(calls);
    }

    /**
     * The current thread's.
     *
     * @param entryClass the class through which the allocator is called: what lies above its calls,
     *     and they, are left out; without such calls nothing is
     */
    static CallStack capture(String entryClass) {
        Predicate<StackWalker.StackFrame> entry = call -> call.getClassName().equals(entryClass);
        CallStack callers =
                WALKER.walk(calls -> take(calls.dropWhile(Predicate.not(entry)).dropWhile(entry)));
        return callers.calls.isEmpty() ? WALKER.walk(CallStack::take) : callers;
    }

    private static CallStack take(Stream<StackWalker.StackFrame> calls) {
        List<StackTraceElement> top =
                calls.limit(DEPTH_MAX + 1)
                        .map(StackWalker.StackFrame::toStackTraceElement)
                        .toList();
        return top.size() > DEPTH_MAX
                ? new CallStack(top.subList(0, DEPTH_MAX), true)
                : new CallStack(top, false);
    }

    /** A line a call. */
    List<String> lines() {
        List<String> lines = new ArrayList<>(calls.size() + 1);
        for (StackTraceElement call : calls) {
            lines.add(line(call));
        }
        if (cut) {
            lines.add("at ... (deeper than " + DEPTH_MAX + " calls)");
        }
        return lines;
    }

    /** Without the module and its version, which StackTraceElement would print. */
    private static String line(StackTraceElement call) {
        String place = call.getClassName() + "." + call.getMethodName();
        int line = call.getLineNumber();
        return "at " + place + "(" + call.getFileName() + (line < 0 ? ")" : ":" + line + ")");
    }
}
