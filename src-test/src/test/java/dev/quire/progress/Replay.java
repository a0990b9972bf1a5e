package dev.quire.progress;

import org.jspecify.annotations.Nullable;

import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One play, to be played again: {@code -Dseed=N -Dprogress.actors=N}, and perhaps {@code
 * -Dprogress.target=PLACE}, as a failure prints them.
 *
 * @param seed decides everything
 * @param actors how many may be held up at a time
 * @param target a point at which whoever comes there is held up, by its name; empty for none
 */
record Replay(long seed, int actors, String target) {
    private static final Pattern OPTION = Pattern.compile("'-D([^=']+)=([^']*)'|-D([^= ]+)=(\\S+)");

    /** What the options of this process ask for; null to play as ever. */
    static @Nullable Replay asked() {
        return of(System.getProperties());
    }

    static @Nullable Replay of(Properties options) {
        String actors = options.getProperty("progress.actors");
        String target = options.getProperty("progress.target", "");
        String seed = options.getProperty("seed");
        if (actors == null && target.isEmpty()) {
            return null;
        }
        if (actors == null || seed == null) {
            throw new IllegalArgumentException("a play needs -Dseed and -Dprogress.actors");
        }
        return new Replay(Long.parseLong(seed), Integer.parseInt(actors), target);
    }

    /** From what a failure says. */
    static @Nullable Replay printed(String message) {
        Properties options = new Properties();
        for (Matcher option = OPTION.matcher(message); option.find(); ) {
            boolean quoted = option.group(1) != null;
            options.setProperty(
                    option.group(quoted ? 1 : 3), quoted ? option.group(2) : option.group(4));
        }
        return of(options);
    }

    /** As options, for a shell. */
    @Override
    public String toString() {
        String place = target.isEmpty() ? "" : " '-Dprogress.target=" + target + "'";
        return "-Dseed=" + seed + " -Dprogress.actors=" + actors + place;
    }
}
