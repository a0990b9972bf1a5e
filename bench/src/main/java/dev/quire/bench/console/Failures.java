package dev.quire.bench.console;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What failed, in words. */
public final class Failures {
    private Failures() {}

    /**
     * One line for a person: the JDK's file exceptions say only a path for the most usual causes.
     *
     * @param failure what was thrown
     * @return what happened and to which file
     */
    public static String describe(Throwable failure) {
        String text =
                switch (failure) {
                    case AccessDeniedException e -> "no permission: " + e.getFile();
                    case NoSuchFileException e -> "does not exist: " + e.getFile();
                    case FileSystemException e -> e.getReason() + ": " + e.getFile();
                    default ->
                            failure.getMessage() == null
                                    ? failure.toString()
                                    : failure.getMessage();
                };
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
