package dev.quire.pagecache;

import dev.quire.aio.AsyncIoStats;
import dev.quire.allocator.AllocatorStats;

import java.util.List;

/**
 * A cache seen through JMX, by {@link PageCacheConfig.Builder#jmxName}: {@code
 * dev.quire:type=PageCache,name=NAME}. Nothing can be changed through it. Every attribute is of an
 * open type, so that a client needs no class of Quire: a record is composite data whose items are
 * its components.
 */
public interface PageCacheMXBean {
    /**
     * What the cache has done, and what it holds.
     *
     * @return composite data of the components of {@link PageCacheStats}
     */
    PageCacheStats getStats();

    /**
     * What is known of its frames.
     *
     * @return composite data of the components of {@link AllocatorStats}
     */
    AllocatorStats getAllocator();

    /**
     * What its I/O engine has done.
     *
     * @return composite data of the components of {@link AsyncIoStats}
     */
    AsyncIoStats getIo();

    /**
     * Free blocks of frames by order, see {@link dev.quire.allocator.BuddyInfo}.
     *
     * @return at place {@code order}, how many blocks of exactly that order are free
     */
    int[] getFreeBlocks();

    /**
     * The files that are open.
     *
     * @return an array of composite data of the components of {@link FileStats}
     */
    List<FileStats> getFiles();

    /**
     * The I/O engine in use.
     *
     * @return its name, such as {@code URING}
     */
    String getEngine();

    /**
     * The size of a page.
     *
     * @return bytes
     */
    int getPageBytes();

    /**
     * The frames in lines, see {@link dev.quire.allocator.PageAllocator#dump()}: a walk over all of
     * them.
     *
     * @return some dozens of lines
     */
    String dump();
}
