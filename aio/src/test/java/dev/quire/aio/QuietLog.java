package dev.quire.aio;

/** Keeps messages that a test provokes off the console. */
final class QuietLog implements AutoCloseable {
    private final Object logger;

    private QuietLog(Object logger) {
        this.logger = logger;
    }

    // By reflection: this module does not read java.logging, which stands behind System.Logger.
    static QuietLog of(Class<?> source) throws ReflectiveOperationException {
        Object logger =
                Class.forName("java.util.logging.Logger")
                        .getMethod("getLogger", String.class)
                        .invoke(null, source.getName());
        use(logger, false);
        return new QuietLog(logger);
    }

    @Override
    public void close() throws ReflectiveOperationException {
        use(logger, true);
    }

    private static void use(Object logger, boolean parents) throws ReflectiveOperationException {
        logger.getClass().getMethod("setUseParentHandlers", boolean.class).invoke(logger, parents);
    }
}
