/**
 * Page frames of native memory, in blocks of a power of two, with checked references.
 *
 * <pre>
 *   allocate, get, put                       pages that are still on an LRU list
 *        |                                              |  last put
 *        v                                              v
 *   PageAllocator ---- FrameRelease ----------- DeferredFrames     drained before an allocation fails
 *        |               the checks of a free           |
 *        v                                              |
 *   FrameCaches  what a thread put last                 |          drained as well
 *        |                                              |
 *        v                                              |
 *   BuddyZone  orders 0..10, without locks    &lt;---------+
 *        |
 *        v
 *   FrameTable (one word a frame)  +  Region (the frames)  &lt;----  os.VirtualMemory
 * </pre>
 */
@NullMarked
package dev.quire.allocator;

import org.jspecify.annotations.NullMarked;
