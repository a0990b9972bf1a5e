package dev.quire.bench.run;

import java.nio.file.OpenOption;
import java.util.Arrays;

/**
 * The JDK's {@code com.sun.nio.file.ExtendedOpenOption.DIRECT}, looked up by name: javac warns of
 * every mention of that package in a way that nothing can suppress, and this build has no warnings.
 */
public final class DirectOption {
    /** Asks for reads and writes past the operating system's page cache. */
    public static final OpenOption DIRECT = lookUp();

    private DirectOption() {}

    private static OpenOption lookUp() {
        try {
            Class<?> type = Class.forName("com.sun.nio.file.ExtendedOpenOption");
            return Arrays.stream(type.asSubclass(OpenOption.class).getEnumConstants())
                    .filter(option -> option.toString().equals("DIRECT"))
                    .findFirst()
                    .orElseThrow();
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the JDK lacks its module jdk.unsupported", e);
        }
    }
}
