package dev.quire.bench;

import dev.quire.aio.Engine;
import dev.quire.bench.console.Names;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.Iterator;

/** Lets an option take an engine by its name in any case, written with {@code -} or {@code _}. */
final class EngineConverter implements ITypeConverter<Engine> {
    @Override
    public Engine convert(String text) {
        try {
            return Names.parse(Engine.class, "an engine", text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    /** The names as they are typed, for the help. */
    static final class Candidates implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Names.of(Engine.class).iterator();
        }
    }
}
