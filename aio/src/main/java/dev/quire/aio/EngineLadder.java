package dev.quire.aio;

import dev.quire.aio.os.PosixSupport;
import dev.quire.aio.os.UringSupport;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The engines in the order in which they are tried, and why one of them does not work here. */
final class EngineLadder {
    private static final List<Engine> RUNGS =
            List.of(Engine.URING, Engine.THREAD_POOL, Engine.CHANNEL);

    private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();
    private static final EngineLadder HERE =
            new EngineLadder(
                    Map.of(
                            Engine.URING,
                            UringSupport::refusal,
                            Engine.THREAD_POOL,
                            PosixSupport::refusal,
                            Engine.CHANNEL,
                            Optional::empty),
                    EngineLadder::warnOnce);

    private final Map<Engine, Supplier<Optional<String>>> refusals;
    private final Consumer<String> warn;

    EngineLadder(Map<Engine, Supplier<Optional<String>>> refusals, Consumer<String> warn) {
        this.refusals = new EnumMap<>(Engine.class);
        this.refusals.putAll(refusals);
        this.warn = warn;
    }

    /** What AUTO tries, in this order. */
    static List<Engine> rungs() {
        return RUNGS;
    }

    static EngineLadder here() {
        return HERE;
    }

    /** Starts an engine; a refusal that shows only now counts like any other. */
    interface Starter<T> {
        T start(Engine engine) throws EngineRefusedException;
    }

    /** Starts the engine asked for, or the first that works. */
    <T> T start(Engine wanted, Starter<T> starter) {
        for (Engine rung : wanted == Engine.AUTO ? RUNGS : List.of(wanted)) {
            String reason;
            Optional<String> refusal = refusal(rung);
            if (refusal.isPresent()) {
                reason = refusal.get();
            } else {
                try {
                    return starter.start(rung);
                } catch (EngineRefusedException e) {
                    reason = e.reason();
                }
            }
            if (wanted != Engine.AUTO) {
                throw refused(wanted, reason);
            }
            warn.accept("engine " + rung + " is refused, the next one is tried: " + reason);
        }
        throw new IllegalStateException("no engine works here: tried=" + RUNGS);
    }

    private Optional<String> refusal(Engine engine) {
        Supplier<Optional<String>> refusal = refusals.get(engine);
        return refusal == null ? Optional.empty() : refusal.get();
    }

    private static IllegalStateException refused(Engine engine, String reason) {
        return new IllegalStateException(
                "engine does not work here: engine=" + engine + ": " + reason);
    }

    private static void warnOnce(String message) {
        if (LOGGED.add(message)) {
            System.getLogger(AsyncIo.class.getName()).log(System.Logger.Level.WARNING, message);
        }
    }
}
