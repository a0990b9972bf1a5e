package dev.quire.aio;

import java.nio.file.OpenOption;

/** The JDK's option for direct I/O, which lives in a module that this one does not read. */
final class DirectOption {
    static final OpenOption DIRECT = find();

    private DirectOption() {}

    private static OpenOption find() {
        try {
            return (OpenOption)
                    Class.forName("com.sun.nio.file.ExtendedOpenOption")
                            .getField("DIRECT")
                            .get(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
