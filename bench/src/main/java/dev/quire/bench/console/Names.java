package dev.quire.bench.console;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Constants as they are typed and printed: {@code thread-pool}. */
public final class Names {
    private Names() {}

    /**
     * The name of a constant.
     *
     * @param constant any
     * @return in lower case, with {@code -}
     */
    public static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The constant of a name.
     *
     * @param <E> kind of constants
     * @param type theirs
     * @param what such a constant is, with its article
     * @param name in any case, written with {@code -} or {@code _}
     * @return the constant
     * @throws IllegalArgumentException naming it and all there are
     */
    public static <E extends Enum<E>> E parse(Class<E> type, String what, String name) {
        for (E constant : type.getEnumConstants()) {
            if (of(constant).equals(name.toLowerCase(Locale.ROOT).replace('_', '-'))) {
                return constant;
            }
        }
        throw new IllegalArgumentException(
                what + " is one of " + String.join(", ", of(type)) + ": " + name);
    }

    /**
     * All names of a kind.
     *
     * @param <E> kind of constants
     * @param type theirs
     * @return in their order
     */
    public static <E extends Enum<E>> List<String> of(Class<E> type) {
        return Arrays.stream(type.getEnumConstants()).map(constant -> of(constant)).toList();
    }
}
