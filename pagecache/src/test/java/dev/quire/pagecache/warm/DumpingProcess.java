package dev.quire.pagecache.warm;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A Java process that dumps, again and again, until it is killed; prints each round once it is
 * durable. A dump of round n has pages that are all n, some thousands of them.
 *
 * <p>Arguments: path, first round.
 */
final class DumpingProcess {
    private DumpingProcess() {}

    public static void main(String[] args) throws IOException {
        DumpFile dump = new DumpFile(Path.of(args[0]));
        PrintStream out = System.out;
        for (int round = Integer.parseInt(args[1]); ; round++) { // until it is killed
            dump.write(content(round));
            out.println(round);
            out.flush();
        }
    }

    static DumpFile.Content content(int round) {
        long[] pages = new long[1_000 + 37 * (round % 1_000)];
        Arrays.fill(pages, round);
        return new DumpFile.Content(
                FileIdentity.ofStore("crashed", round, 4096), true, new HotPages(pages, round % 9));
    }
}
