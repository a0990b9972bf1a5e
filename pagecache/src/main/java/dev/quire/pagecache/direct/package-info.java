/**
 * Direct reads and writes of a file whose pages are cached: bytes between store and caller,
 * coherent with the pages.
 *
 * <pre>
 *   write:  check - write back and drop the range - publish it - look again - store - size - drop
 *           the range again - withdraw it - completion                  (DirectWrite)
 *   read:   check - write back the range - store, at the size sampled - completion    (DirectRead)
 *   either: a page of the range cannot be dropped, or written back: through the pages  (DirectIo)
 * </pre>
 *
 * <p>Source: Linux {@code fs/iomap/direct-io.c}, {@code kiocb_invalidate_pages} and {@code
 * kiocb_invalidate_post_direct_write}.
 */
@NullMarked
package dev.quire.pagecache.direct;

import org.jspecify.annotations.NullMarked;
