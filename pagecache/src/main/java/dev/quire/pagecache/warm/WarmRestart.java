package dev.quire.pagecache.warm;

import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.WarmPages;
import dev.quire.pagecache.warm.FileIdentity.Match;
import dev.quire.pagecache.warm.WarmUp.Outcome;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** The dumps and warm restarts of one file; for Quire's own modules. */
public final class WarmRestart {
    private static final System.Logger LOG = System.getLogger(WarmRestart.class.getName());

    /** What the restarts of all files of a cache share. */
    public static final class Shared {
        private final ReadDepth depth;

        /**
         * No restart under way.
         *
         * @param context the cache
         */
        @SuppressWarnings("exports") // As the class says.
        public Shared(CacheContext context) {
            depth = new ReadDepth(ours -> context.counters().fillingPages.get() > ours);
        }
    }

    private final CacheContext context;
    private final AddressSpace space;
    private final @Nullable Path file;
    private final Shared shared;
    private final ReentrantLock dumping = new ReentrantLock();
    private final List<WarmUp> loads = new ArrayList<>();
    private volatile @Nullable Path dumpAtClose;
    private @Nullable HotPages atClose;

    /**
     * Those of one file.
     *
     * @param context the cache
     * @param space the file's pages
     * @param file where it is; null for a store that is no file
     * @param shared of the cache
     */
    @SuppressWarnings("exports") // As the class says.
    public WarmRestart(
            CacheContext context, AddressSpace space, @Nullable Path file, Shared shared) {
        this.context = context;
        this.space = space;
        this.file = file;
        this.shared = shared;
    }

    // ---- dumps

    /**
     * Dumps what is cached now.
     *
     * @param dump where to; replaced as a whole
     * @return how many pages
     * @throws IOException if it cannot be written; the old dump is still there
     * @throws IllegalArgumentException if that is the file itself
     */
    public int dump(Path dump) throws IOException {
        checkOther(dump);
        HotPages pages = HotPages.of(new WarmPages(context, space));
        write(dump, pages, false);
        return pages.count();
    }

    private void write(Path dump, HotPages pages, boolean closed) throws IOException {
        dumping.lock();
        try {
            checkOther(dump); // it may have become the file's name since
            new DumpFile(dump).write(new DumpFile.Content(identity(), closed, pages));
        } finally {
            dumping.unlock();
        }
    }

    /** A dump takes the place of what is there: not of the file whose pages it lists. */
    private void checkOther(Path dump) {
        boolean same;
        try {
            same = file != null && Files.isSameFile(dump, file);
        } catch (IOException e) {
            same = false; // nothing is there
        }
        if (same) {
            throw new IllegalArgumentException(
                    "a dump must not take the place of its file: dump=" + dump);
        }
    }

    private FileIdentity identity() throws IOException {
        return FileIdentity.of(file, space.name(), space.sizeBytes(), context.pageBytes());
    }

    /**
     * Has the file dumped when it is closed.
     *
     * @param dump where to; null for nowhere
     * @throws IllegalArgumentException if that is the file itself
     */
    public void dumpAtClose(@Nullable Path dump) {
        if (dump != null) {
            checkOther(dump);
        }
        dumpAtClose = dump;
    }

    /** The file is about to be closed: ends its restarts, and remembers what is cached. */
    public void closing() {
        List<WarmUp> running;
        synchronized (loads) {
            running = List.copyOf(loads);
        }
        running.forEach(WarmUp::stop);
        running.forEach(WarmUp::awaitEnd);
        atClose = dumpAtClose == null ? null : HotPages.of(new WarmPages(context, space));
    }

    /** The file is closed: dumps what was cached. What fails is logged: no data is lost by it. */
    public void closed() {
        Path dump = dumpAtClose;
        HotPages pages = atClose;
        if (dump == null || pages == null) {
            return;
        }
        try {
            write(dump, pages, true);
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "hot pages not dumped: file=" + space.name(), e);
        }
    }

    // ---- restarts

    /** Where a restart has its pages from. */
    interface Source {
        /**
         * The pages.
         *
         * @throws RefusedDumpException if they are not to be used
         */
        HotPages read() throws IOException;
    }

    /**
     * Begins to bring in what was dumped, in the background.
     *
     * @param dump where it is
     * @return how it goes
     */
    public WarmUp load(Path dump) {
        WarmLoad load = new WarmLoad(context, space, new DumpSource(dump), shared.depth);
        synchronized (loads) {
            loads.removeIf(other -> other.outcome() != Outcome.RUNNING);
            loads.add(load.warmUp());
        }
        try {
            context.threads().execute(load);
        } catch (RuntimeException | Error e) { // no thread to be had
            load.warmUp().end(Outcome.STOPPED, e.toString());
        }
        return load.warmUp();
    }

    private final class DumpSource implements Source {
        private final Path dump;

        DumpSource(Path dump) {
            this.dump = dump;
        }

        @Override
        public HotPages read() throws IOException {
            DumpFile.Content content;
            try {
                content = new DumpFile(dump).read();
            } catch (NoSuchFileException e) {
                throw new RefusedDumpException(Outcome.NO_DUMP, "there is none");
            }
            FileIdentity now = identity();
            Match match = now.match(content.identity(), content.closed());
            if (match != Match.SAME) {
                throw new RefusedDumpException(
                        match == Match.FOREIGN ? Outcome.FOREIGN : Outcome.STALE,
                        "it is of " + content.identity() + ", this is " + now);
            }
            return content.pages();
        }

        @Override
        public String toString() {
            return "dump=" + dump;
        }
    }
}
