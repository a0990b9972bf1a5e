package dev.quire.bench.pages;

import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.util.concurrent.ExecutionException;

/**
 * Who reads pages of a file that are mostly not in memory, past the kernel's cache. One thread
 * each.
 */
public enum ColdPeer {
    /** Quire's page cache. */
    QUIRE {
        @Override
        Reader reader(ColdFile file, int cachedPages) throws IOException {
            PageCache cache =
                    PageCache.create(
                            PageCacheConfig.builder()
                                    .memoryBytes((long) cachedPages * PageSubject.PAGE_BYTES)
                                    .pageBytes(PageSubject.PAGE_BYTES)
                                    .build());
            PagedFile pages =
                    cache.open(file.path(), ColdFile.options().toArray(OpenOption[]::new));
            PageCursor cursor = pages.cursor();
            return new Reader() {
                @Override
                public long read(long page) {
                    long value;
                    do {
                        cursor.read(page);
                        value = cursor.getLong(0);
                    } while (cursor.retry());
                    return value;
                }

                @Override
                public void close() throws IOException {
                    cursor.close();
                    cache.verify();
                    cache.close();
                }
            };
        }
    },
    /** Caffeine holding direct buffers, filled by a channel. */
    CAFFEINE {
        @Override
        Reader reader(ColdFile file, int cachedPages) throws IOException {
            FileChannel channel = FileChannel.open(file.path(), ColdFile.options());
            CountedCache cache =
                    new CountedCache(
                            cachedPages,
                            PageSubject.PAGE_BYTES,
                            (page, into) -> channel.read(into, page * PageSubject.PAGE_BYTES));
            return new Reader() {
                @Override
                public long read(long page) {
                    return cache.read(page);
                }

                @Override
                public void close() throws IOException {
                    channel.close();
                    cache.close();
                }
            };
        }
    },
    /** A channel, and no cache. */
    FILECHANNEL {
        @Override
        Reader reader(ColdFile file, int cachedPages) throws IOException {
            FileChannel channel = FileChannel.open(file.path(), ColdFile.options());
            ByteBuffer copy = ColdFile.page();
            return new Reader() {
                @Override
                public long read(long page) throws IOException {
                    channel.read(copy.clear(), page * PageSubject.PAGE_BYTES);
                    return copy.getLong(0);
                }

                @Override
                public void close() throws IOException {
                    channel.close();
                }
            };
        }
    },
    /** An asynchronous channel that is waited for, and no cache. */
    ASYNC_FILECHANNEL {
        @Override
        Reader reader(ColdFile file, int cachedPages) throws IOException {
            AsynchronousFileChannel channel =
                    AsynchronousFileChannel.open(file.path(), ColdFile.options(), null);
            ByteBuffer copy = ColdFile.page();
            return new Reader() {
                @Override
                public long read(long page) throws IOException {
                    try {
                        channel.read(copy.clear(), page * PageSubject.PAGE_BYTES).get();
                        return copy.getLong(0);
                    } catch (ExecutionException e) {
                        throw new IOException(e.getCause());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new InterruptedIOException();
                    }
                }

                @Override
                public void close() throws IOException {
                    channel.close();
                }
            };
        }
    };

    /** Reads pages. */
    public interface Reader extends AutoCloseable {
        /**
         * The first long of a page.
         *
         * @param page its number
         * @return what was read
         * @throws IOException if it cannot be read
         */
        long read(long page) throws IOException;

        @Override
        void close() throws IOException;
    }

    abstract Reader reader(ColdFile file, int cachedPages) throws IOException;

    /**
     * Makes a file, and opens it.
     *
     * @param pages how many it has
     * @param cachedPages how many may be in memory, of those who keep any
     * @return for one thread; the file goes when it is closed
     * @throws IOException if the file cannot be made, or not read directly
     */
    public Reader open(int pages, int cachedPages) throws IOException {
        ColdFile file = new ColdFile(pages);
        try {
            Reader reader = reader(file, cachedPages);
            return new Reader() {
                @Override
                public long read(long page) throws IOException {
                    return reader.read(page);
                }

                @Override
                public void close() throws IOException {
                    reader.close();
                    file.close();
                }
            };
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }
}
