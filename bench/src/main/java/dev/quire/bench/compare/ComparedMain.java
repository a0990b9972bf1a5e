package dev.quire.bench.compare;

import com.google.gson.Gson;

import dev.quire.bench.console.Failures;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The process of one subject. It says that it is {@link #READY}, waits for a line, by when its
 * control group is set, works, and says its outcome or why it has none. It ends when whoever
 * started it is gone.
 */
public final class ComparedMain {
    /** What it says when it stands as it will, but for pages. */
    static final String READY = "ready";

    /** What stands before the reason why it has no outcome. */
    static final String FAILED = "failed: ";

    private ComparedMain() {}

    /**
     * Works on one file in one way.
     *
     * @param args the settings, as JSON
     * @throws IOException when the file cannot be worked on
     */
    public static void main(String[] args) throws IOException {
        LoadSettings settings = new Gson().fromJson(args[0], LoadSettings.class);
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println(READY);
        if (in.readLine() == null) {
            return;
        }
        Thread.ofPlatform().daemon().start(() -> endWithParent(in));
        try (Store store =
                settings.subject()
                        .open(
                                Path.of(settings.file()),
                                settings.pageBytes(),
                                settings.memoryBytes())) {
            Outcome outcome = new Load(settings, store).run();
            System.out.println(new Gson().toJson(outcome));
        } catch (Throwable e) {
            System.out.println(FAILED + Failures.describe(e));
            throw e; // where it happened is told on stderr
        }
    }

    private static void endWithParent(BufferedReader in) {
        try {
            while (in.readLine() != null) {
                // nothing else is said
            }
        } catch (IOException e) {
            // gone as well
        }
        Runtime.getRuntime().halt(1);
    }
}
