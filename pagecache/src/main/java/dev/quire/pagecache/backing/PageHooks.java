package dev.quire.pagecache.backing;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * What an engine wants to do, or to be told, when a page of a file comes in, is written back, or
 * goes. Every method has a default that does nothing: implement those that are wanted.
 *
 * <p>Called by many threads at once, for different pages, which are locked meanwhile; {@link
 * #freePage} apart, each is called for one page at a time. What a hook does with the same cache
 * either works or throws {@link WouldBlockException}: it may read and write pages that are cached,
 * prefetch, and ask for asynchronous reads; it may not wait for a page, grow, cut, sync or close a
 * file, nor dirty a page while so much is dirty that writers wait.
 */
public interface PageHooks {
    /** Wants nothing, and is told nothing. */
    PageHooks NONE = new PageHooks() {};

    /** What stands for private data where a page has none. */
    long NO_PRIVATE_DATA = 0;

    /** The answer of {@link #beforeWrite} that lets the page go out now. */
    long GO = Long.MIN_VALUE;

    /**
     * A page was filled from its store, on every road by which one is filled: verify it, transform
     * it in place. Nobody sees its bytes before this returns.
     *
     * @param page page index
     * @param memory the page, all of it; what the store did not have is zero
     * @throws IOException if the page is not good (best {@code PageChecksumException}); the fault
     *     fails with it, the page is not cached, and a later fault reads it again
     */
    default void afterRead(long page, MemorySegment memory) throws IOException {}

    /**
     * A dirty page is about to be written to its store: may it go, and as what? Must not block: the
     * log that it may have to wait for may live in this cache.
     *
     * @param page page index
     * @param image what will be stored; may be changed (a checksum, say) when {@link #stampsPages}
     *     says so, and is read-only otherwise
     * @param lsn the highest log position set by {@code PageCursor.lsn} since the page was clean;
     *     {@link #GO} when none was
     * @return {@link #GO}, or the log position that must be durable first: the page stays dirty and
     *     is asked about again later, see {@link #forceLog}
     * @throws IOException if it cannot be written; it stays dirty
     */
    default long beforeWrite(long page, MemorySegment image, long lsn) throws IOException {
        return GO;
    }

    /**
     * Pages are held back by {@link #beforeWrite}: make the log durable, so that they can go.
     * Called when background write-back has come upon such pages, on a thread of its own, which
     * holds nothing, and may wait; at most once at a time for a file. The pages are asked about
     * again as soon as it returns. Without it they are asked about again every now and then, until
     * somebody makes the log durable for his own sake.
     *
     * <p>The log may live in this cache: it may do all that a store may that writes. A sync of the
     * file does not call this; who asks for one makes the log durable first.
     *
     * @param lsn the highest log position that {@code beforeWrite} has named
     * @throws IOException if the log cannot be made durable; counts as a failed write of the file,
     *     and is tried again a second later
     */
    default void forceLog(long lsn) throws IOException {}

    /**
     * Whether {@link #beforeWrite} changes the image. Asked once, when the file is opened.
     *
     * @return true if it does
     */
    default boolean stampsPages() {
        return false;
    }

    /**
     * Whether direct reads and writes of the file may pass these hooks by: {@link #afterRead} sees
     * nothing of what is read, {@link #beforeWrite} nothing of what is written. Right for hooks
     * that neither verify nor change bytes. Asked once, when the file is opened.
     *
     * @return false to have them refused, as by default: a checksum would be wrong, a page not
     *     decrypted
     */
    default boolean allowsDirect() {
        return false;
    }

    /**
     * A clean page became dirty. Called under the page's latch; must not block.
     *
     * <p>Source: {@code dirty_folio}.
     *
     * @param page page index
     */
    default void dirtyPage(long page) {}

    /**
     * May the cache take this page away? Asked before the removal of a clean page to make room; the
     * page is locked. An optimistic question: after a yes the page may stay all the same (somebody
     * took a reference), and then nothing may be lost. What it throws counts as no.
     *
     * <p>After a yes the page has no private data any more, whether it stays or goes: whoever wants
     * some attaches it anew. After a no it keeps what it has.
     *
     * <p>Source: {@code release_folio}, once {@code releasepage} (S4). Must not block.
     *
     * @param page page index
     * @param privateData what {@code PageCursor.attachPrivate} was given, or {@link
     *     #NO_PRIVATE_DATA}
     * @return false to keep the page; by default those that have private data are kept, for
     *     somebody cares about them
     */
    default boolean releasePage(long page, long privateData) {
        return privateData == NO_PRIVATE_DATA;
    }

    /**
     * May the page move to another frame? Asked before a relocation; the page is locked. An
     * optimistic question: after a yes the page may stay where it is all the same, because somebody
     * took a reference. What it throws counts as no.
     *
     * <p>The private data moves with the page, and so does the duty to be told of its end: {@link
     * #freePage} comes once, when the page leaves the cache, not when it moves. Somebody who has
     * noted where the bytes of a page lie has it pinned, and pinned pages do not move; so that who
     * keeps in the data what is true wherever the page is can say yes.
     *
     * <p>Source: {@code migrate_folio}. A page with private data of a Linux file system without it
     * moves only if {@code release_folio} gives the data up; here such a page stays, since nothing
     * is lost by that. Must not block.
     *
     * @param page page index
     * @param privateData what {@code PageCursor.attachPrivate} was given, or {@link
     *     #NO_PRIVATE_DATA}
     * @return false to keep the page where it is; by default those that have private data are kept
     */
    default boolean migratePage(long page, long privateData) {
        return privateData == NO_PRIVATE_DATA;
    }

    /**
     * The page is gone. Called exactly once for every page that leaves the cache, by whatever road,
     * after lookups can no longer find it and before its memory is used again; also for a page that
     * could not be read. As lookups do not find the page any more, it may be read again while this
     * runs: {@link #afterRead}, and whatever follows, may come for the same index, and run beside
     * it. What belongs to the page that has gone is best kept in its private data, which tells the
     * two apart. Whatever it throws, errors too, is counted and logged, and the removal completes
     * all the same.
     *
     * <p>Source: {@code free_folio}, once {@code freepage} (S4). Must not block.
     *
     * @param page page index
     * @param privateData what was still attached to the page, or {@link #NO_PRIVATE_DATA}; it is
     *     detached by now
     */
    default void freePage(long page, long privateData) {}
}
