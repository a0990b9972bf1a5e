package dev.quire.faults;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What woven classes bind the C library's functions through: each call may be made to fail, and
 * {@link Resources} is told of what it opens, maps and closes.
 */
public final class NativeSeam {
    private static final long ERRNO_OFFSET =
            Linker.Option.captureStateLayout()
                    .byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final Map<Long, String> NAMES = new ConcurrentHashMap<>();
    private static final Map<Long, String> SYSTEM_CALLS =
            Map.of(425L, "io_uring_setup", 426L, "io_uring_enter", 427L, "io_uring_register");

    private final String name;
    private final MethodHandle real; // (Object[]) to Object
    private final Class<?> result;

    private NativeSeam(String name, MethodHandle real) {
        this.name = name;
        result = real.type().returnType();
        this.real =
                real.asSpreader(Object[].class, real.type().parameterCount())
                        .asType(MethodType.methodType(Object.class, Object[].class));
    }

    /** In the place of {@link SymbolLookup#find}. */
    public static Optional<MemorySegment> find(SymbolLookup lookup, String name) {
        Optional<MemorySegment> symbol = lookup.find(name);
        symbol.ifPresent(found -> NAMES.put(found.address(), name));
        return symbol;
    }

    /** In the place of {@link Linker#downcallHandle}. */
    @SuppressWarnings("restricted")
    public static MethodHandle downcallHandle(
            Linker linker, MemorySegment symbol, FunctionDescriptor type, Linker.Option... options)
            throws ReflectiveOperationException {
        MethodHandle real = linker.downcallHandle(symbol, type, options);
        int parameters = real.type().parameterCount();
        if (parameters == type.argumentLayouts().size()) {
            return real; // without errno: nothing that could be told
        }
        NativeSeam seam = new NativeSeam(Objects.requireNonNull(NAMES.get(symbol.address())), real);
        return MethodHandles.lookup()
                .findVirtual(
                        NativeSeam.class,
                        "call",
                        MethodType.methodType(Object.class, Object[].class))
                .bindTo(seam)
                .asCollector(Object[].class, parameters)
                .asType(real.type());
    }

    @SuppressWarnings("unused") // bound above
    private Object call(Object[] arguments) throws Throwable {
        String call = name.equals("syscall") ? systemCall(arguments) : name;
        Point point = Injector.strike(call);
        Plan plan = Injector.plan();
        if (point != null && plan != null && plan.lies()) {
            return lie(call, arguments);
        }
        if (call.equals("close")) {
            // Before the call: afterwards the number may be another file's.
            Resources.closed((int) arguments[1]);
        }
        if (point != null) {
            if (call.equals("close")) {
                var _ = (Object) real.invokeExact(arguments); // gone, whatever is answered
            }
            if (call.equals("munmap")) {
                Resources.unmapped((long) arguments[1], (long) arguments[2]); // all one can do
            }
            return fail((MemorySegment) arguments[0], point.errno());
        }
        Object answer = (Object) real.invokeExact(arguments);
        note(call, arguments, ((Number) answer).longValue());
        return answer;
    }

    private static String systemCall(Object[] arguments) {
        return SYSTEM_CALLS.getOrDefault((long) arguments[1], "syscall");
    }

    private Object fail(MemorySegment state, int errno) {
        state.set(ValueLayout.JAVA_INT, ERRNO_OFFSET, errno);
        return answer(-1);
    }

    /** Says that all is well: a canary. */
    private Object lie(String call, Object[] arguments) {
        return answer(call.equals("pwrite") ? (long) arguments[3] : 0);
    }

    private Object answer(long value) {
        return result == int.class ? (Object) (int) value : (Object) value;
    }

    private static void note(String call, Object[] arguments, long answer) {
        if (answer < 0) {
            return;
        }
        switch (call) {
            case "open", "eventfd", "io_uring_setup" -> Resources.opened((int) answer, call);
            case "mmap" -> Resources.mapped(answer, length(arguments), fd(arguments));
            case "munmap" -> Resources.unmapped((long) arguments[1], (long) arguments[2]);
            case "mlock2" -> Resources.locked((long) arguments[1], (long) arguments[2]);
            case "munlock" -> Resources.unlocked((long) arguments[1]);
            default -> {}
        }
    }

    private static long length(Object[] mmap) {
        return (long) mmap[2];
    }

    private static int fd(Object[] mmap) {
        return (int) mmap[5];
    }
}
