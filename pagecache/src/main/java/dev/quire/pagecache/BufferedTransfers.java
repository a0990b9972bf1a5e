package dev.quire.pagecache;

import dev.quire.pagecache.direct.DirectIo;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;

/** What direct reads and writes do when cached pages are in the way: all of it, through them. */
final class BufferedTransfers implements DirectIo.Buffered {
    private final PagedFile file;
    private final AddressSpace space;
    private final CacheContext context;

    BufferedTransfers(PagedFile file, AddressSpace space, CacheContext context) {
        this.file = file;
        this.space = space;
        this.context = context;
    }

    @Override
    public long read(MemorySegment into, long position) throws IOException {
        try (FileBytes pages = new FileBytes(file, space, context)) {
            long done = 0;
            while (done < into.byteSize()) { // ends: each turn reads something, or fails
                long bytes = pages.read(position + done, into.asSlice(done));
                if (bytes <= 0) {
                    break;
                }
                done += bytes;
            }
            return done;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public void write(MemorySegment from, long position) throws IOException {
        try (FileBytes pages = new FileBytes(file, space, context)) {
            long done = 0;
            while (done < from.byteSize()) { // ends: as above
                done += pages.write(position + done, from.asSlice(done));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
