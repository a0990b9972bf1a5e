package dev.quire.faults.scene;

import java.nio.file.OpenOption;

/** The JDK's option for direct I/O, by its name: a direct mention is a warning of the compiler. */
final class DirectOption {
    static final OpenOption DIRECT = find();

    private DirectOption() {}

    private static OpenOption find() {
        try {
            Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
            for (Object option : options.getEnumConstants()) {
                if (option.toString().equals("DIRECT")) {
                    return (OpenOption) option;
                }
            }
        } catch (ClassNotFoundException e) {
            throw new AssertionError("no direct I/O on this JVM", e);
        }
        throw new AssertionError("no direct I/O on this JVM");
    }
}
