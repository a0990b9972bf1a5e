package dev.quire.bench;

import dev.quire.aio.Engine;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;

/** Lets an option take an engine by its name in any case, written with {@code -} or {@code _}. */
final class EngineConverter implements ITypeConverter<Engine> {
    @Override
    public Engine convert(String text) {
        for (Engine engine : Engine.values()) {
            if (name(engine).equals(text.toLowerCase(Locale.ROOT).replace('_', '-'))) {
                return engine;
            }
        }
        throw new TypeConversionException(
                "an engine is one of " + String.join(", ", new Names()) + ": " + text);
    }

    /** The names as they are typed, for the help. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Engine.values()).map(EngineConverter::name).iterator();
        }
    }

    private static String name(Engine engine) {
        return engine.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
