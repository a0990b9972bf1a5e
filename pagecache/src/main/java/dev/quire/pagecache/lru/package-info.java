/**
 * Which page to give up next: replacement policies, behind one small interface.
 *
 * <p>A hit only bumps the frame's use count; lists are touched when a page comes, when it goes, and
 * by reclaim. The LRU flag of a frame is a claim token: who clears it by CAS unlinks the frame.
 */
@NullMarked
package dev.quire.pagecache.lru;

import org.jspecify.annotations.NullMarked;
