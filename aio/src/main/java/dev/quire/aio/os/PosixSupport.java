package dev.quire.aio.os;

import java.util.Optional;

/** Whether {@link Posix} works in this process, and if not, why and what helps. */
public final class PosixSupport {
    private PosixSupport() {}

    /**
     * The reason why native file I/O is refused.
     *
     * @return empty when it works; otherwise the reason with its cure
     */
    public static Optional<String> refusal() {
        return Probe.REFUSAL;
    }

    static Optional<String> refusal(String osName, String arch) {
        if (!osName.equals("Linux")) {
            return Optional.of("native file I/O is written for Linux: os.name=" + osName);
        }
        if (OpenFlags.direct(arch).isEmpty()) {
            return Optional.of(
                    "the value of O_DIRECT is not known for this processor: os.arch=" + arch);
        }
        return Optional.empty();
    }

    private static Optional<String> load() {
        Optional<String> refusal =
                refusal(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
        if (refusal.isPresent()) {
            return refusal;
        }
        try {
            Posix.close(-1);
            return Optional.empty();
        } catch (LinkageError e) {
            Throwable cause =
                    e instanceof ExceptionInInitializerError && e.getCause() != null
                            ? e.getCause()
                            : e;
            if (cause instanceof IllegalCallerException) {
                Module module = PosixSupport.class.getModule();
                return Optional.of(
                        "native access is denied; start the JVM with --enable-native-access="
                                + (module.isNamed() ? module.getName() : "ALL-UNNAMED"));
            }
            return Optional.of("the C library lacks a call: " + cause.getMessage());
        }
    }

    /** Asked once: a class that failed to load stays failed. */
    private static final class Probe {
        static final Optional<String> REFUSAL = load();

        private Probe() {}
    }
}
