package dev.quire.faults;

import java.nio.file.Path;
import java.util.List;

/** Which engines and kinds of file there are on this machine. */
public interface Ways {
    /** Names of engines, each with {@code /direct} or {@code /buffered}; those to prefer first. */
    List<String> in(Path directory);
}
