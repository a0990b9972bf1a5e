package dev.quire.bench;

import dev.quire.aio.WriteDurability;
import dev.quire.bench.console.Names;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.Iterator;

/** Lets an option take what a write promises, written as {@link EngineConverter} takes engines. */
final class DurabilityConverter implements ITypeConverter<WriteDurability> {
    @Override
    public WriteDurability convert(String text) {
        try {
            return Names.parse(WriteDurability.class, "a durability", text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    /** The names as they are typed, for the help. */
    static final class Candidates implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Names.of(WriteDurability.class).iterator();
        }
    }
}
