package dev.quire.aio;

import dev.quire.aio.os.PosixSupport;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The engines from best to most portable, and why one of them does not work here. */
final class EngineLadder {
    private static final List<Engine> RUNGS = List.of(Engine.THREAD_POOL, Engine.CHANNEL);

    private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();
    private static final EngineLadder HERE =
            new EngineLadder(
                    Map.of(
                            Engine.THREAD_POOL,
                            PosixSupport::refusal,
                            Engine.CHANNEL,
                            Optional::empty),
                    EngineLadder::warnOnce);

    private final Map<Engine, Supplier<Optional<String>>> refusals;
    private final Consumer<String> warn;

    EngineLadder(Map<Engine, Supplier<Optional<String>>> refusals, Consumer<String> warn) {
        this.refusals = new EnumMap<>(refusals);
        this.warn = warn;
    }

    static EngineLadder here() {
        return HERE;
    }

    /** The engine to start: the one asked for, or the first that works. */
    Engine choose(Engine wanted) {
        if (wanted != Engine.AUTO) {
            refusal(wanted).ifPresent(reason -> refuse(wanted, reason));
            return wanted;
        }
        for (Engine rung : RUNGS) {
            Optional<String> reason = refusal(rung);
            if (reason.isEmpty()) {
                return rung;
            }
            warn.accept("engine " + rung + " is refused, the next one is tried: " + reason.get());
        }
        throw new IllegalStateException("no engine works here: tried=" + RUNGS);
    }

    private Optional<String> refusal(Engine engine) {
        Supplier<Optional<String>> refusal = refusals.get(engine);
        return refusal == null ? Optional.empty() : refusal.get();
    }

    private static void refuse(Engine engine, String reason) {
        throw new IllegalStateException(
                "engine does not work here: engine=" + engine + ": " + reason);
    }

    private static void warnOnce(String message) {
        if (LOGGED.add(message)) {
            System.getLogger(AsyncIo.class.getName()).log(System.Logger.Level.WARNING, message);
        }
    }
}
