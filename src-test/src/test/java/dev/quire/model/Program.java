package dev.quire.model;

import static dev.quire.model.World.NONE;
import static dev.quire.model.World.TORN;
import static dev.quire.model.World.require;

import dev.quire.allocator.frame.FrameState;

/**
 * What a thread does with the page, step by step as the page cache does; a step is what one atomic
 * operation, or one short hold of a list's lock, does. The comments name the class that it follows.
 */
enum Program {
    /** PageLatches.tryPin, with the fault of a page that is not there. */
    PIN {
        @Override
        int step(World w, int t, int at) {
            return switch (at) {
                case 0 -> find(w, t, 1);
                case 1 -> w.change(w.frame[t], FrameState.pin(w.word[w.frame[t]])) ? 2 : 0;
                case 2 ->
                        w.slotFrame == w.frame[t] && w.any(w.frame[t], FrameState.UPTODATE) ? 3 : 5;
                case 3 -> {
                    require(w.cut || w.slotFrame == w.frame[t], "a pinned page stays in its frame");
                    yield 4;
                }
                case 4 -> {
                    require(w.cut || w.slotFrame == w.frame[t], "a pinned page stays in its frame");
                    yield unpin(w, t, DONE);
                }
                case 5 -> unpin(w, t, 0);
                default -> fault(w, t, at);
            };
        }
    },
    /** As PIN, but the slot is not looked at again: wrong. */
    PIN_WITHOUT_SECOND_LOOK {
        @Override
        int step(World w, int t, int at) {
            return at == 2 ? 3 : PIN.step(w, t, at);
        }
    },
    /** CursorPosition.readFast: slot, bytes, slot. */
    READ {
        @Override
        int step(World w, int t, int at) {
            return switch (at) {
                case 0 -> {
                    w.frame[t] = w.slotFrame;
                    w.seen[t] = w.slotVersion;
                    yield w.slotFrame == NONE || !w.slotReadable ? DONE : 1;
                }
                case 1 -> {
                    w.other[t] = w.content[w.frame[t]];
                    yield 2;
                }
                default -> {
                    boolean valid =
                            w.slotFrame == w.frame[t]
                                    && w.slotReadable
                                    && w.slotVersion == w.seen[t];
                    require(!valid || w.other[t] == w.written, "a valid read is of the last write");
                    yield DONE;
                }
            };
        }
    },
    /** CursorPosition.tryHold: writers are locked out, readers and pins go on. */
    READ_SHARED {
        @Override
        int step(World w, int t, int at) {
            int f = w.frame[t];
            return switch (at) {
                case 0 -> {
                    w.frame[t] = w.slotFrame;
                    yield w.slotFrame == NONE ? DONE : 1;
                }
                case 1 -> w.change(f, FrameState.beginShared(w.word[f])) ? 2 : DONE;
                case 2 -> w.slotFrame == f ? 3 : 5;
                case 3 -> {
                    w.seen[t] = w.content[f];
                    require(w.seen[t] == w.written, "a held page is what was written last");
                    yield 4;
                }
                case 4 -> {
                    require(w.slotFrame == f, "a held page stays in its frame");
                    require(w.seen[t] == w.content[f], "nobody writes a page that is held");
                    yield 5;
                }
                default -> {
                    require(w.change(f, FrameState.endShared(w.word[f])), "a hold ends");
                    w.afterPut(f);
                    yield DONE;
                }
            };
        }
    },
    /** As READ_SHARED, but the slot is not looked at again: wrong. */
    READ_SHARED_WITHOUT_SECOND_LOOK {
        @Override
        int step(World w, int t, int at) {
            return at == 2 ? 3 : READ_SHARED.step(w, t, at);
        }
    },
    /** PageLatches.tryLatch and the release, dirty. */
    WRITE {
        @Override
        int step(World w, int t, int at) {
            int f = w.frame[t];
            return switch (at) {
                case 0 -> find(w, t, 1);
                case 1 -> w.change(f, FrameState.beginExclusive(w.word[f])) ? 2 : 0;
                case 2 -> w.slotFrame == f ? 3 : 6;
                case 3 -> {
                    w.slot(f, false);
                    yield 4;
                }
                case 4 -> {
                    w.store(f, TORN);
                    yield 5;
                }
                case 5 -> {
                    // The slot is published before the word is released; a thread in between finds
                    // EXCLUSIVE, and a reader the new bytes: one step.
                    int value = w.written + t + 1;
                    w.store(f, value);
                    w.written = value;
                    w.slot(f, true);
                    require(w.change(f, FrameState.endExclusiveDirty(w.word[f])), "a latch ends");
                    w.afterPut(f);
                    yield DONE;
                }
                case 6 -> {
                    require(w.change(f, FrameState.endExclusive(w.word[f])), "a latch ends");
                    w.afterPut(f);
                    yield 0;
                }
                default -> fault(w, t, at);
            };
        }
    },
    /** As WRITE, but the slot is not looked at after the latch: wrong. */
    WRITE_WITHOUT_SECOND_LOOK {
        @Override
        int step(World w, int t, int at) {
            return at == 2 ? 3 : WRITE.step(w, t, at);
        }
    },
    /** PageStart, the store's write, WritePass. */
    WRITE_BACK {
        @Override
        int step(World w, int t, int at) {
            int f = w.frame[t];
            return switch (at) {
                case 0 -> {
                    w.frame[t] = w.slotFrame;
                    yield w.slotFrame == NONE ? DONE : 1;
                }
                case 1 -> w.change(f, FrameState.beginWriteback(w.word[f])) ? 2 : DONE;
                case 2 -> {
                    require(w.slotFrame == f, "what is dirty is in its slot");
                    w.seen[t] = w.content[f];
                    yield 3;
                }
                case 3 -> {
                    require(w.seen[t] == w.content[f], "an image is stable while it is written");
                    w.store = w.seen[t];
                    yield 4;
                }
                default -> {
                    require(w.change(f, FrameState.endWriteback(w.word[f])), "write-back ends");
                    yield DONE;
                }
            };
        }
    },
    /** ReclaimScan and Removal.tryEvict. */
    EVICT {
        @Override
        int step(World w, int t, int at) {
            return evict(w, t, at, FrameState.BUSY_FOR_EVICTION);
        }
    },
    /** As EVICT, but dirty pages are taken: wrong. */
    EVICT_DIRTY {
        @Override
        int step(World w, int t, int at) {
            return evict(w, t, at, FrameState.BUSY_FOR_REMOVAL);
        }
    },
    /** Relocation.migrate. */
    MOVE {
        @Override
        int step(World w, int t, int at) {
            int f = w.frame[t];
            int g = w.other[t];
            return switch (at) {
                case 0 -> {
                    w.frame[t] = w.slotFrame;
                    yield w.slotFrame == NONE ? DONE : 1;
                }
                case 1 -> {
                    w.other[t] = w.allocate();
                    yield w.other[t] == NONE ? DONE : 2;
                }
                case 2 -> w.change(f, FrameState.beginMove(w.word[f])) ? 3 : 12;
                case 3 -> w.slotFrame == f ? 4 : 11;
                case 4 -> w.change(f, FrameState.freezeToMove(w.word[f])) ? 5 : 11;
                case 5 -> {
                    w.store(g, w.content[f]);
                    yield 6;
                }
                case 6 -> {
                    w.owned[g] = true;
                    require(w.change(g, FrameState.moveIn(w.word[g], w.word[f])), "moves in");
                    yield 7;
                }
                case 7 -> {
                    w.slot(g, true);
                    yield 8;
                }
                case 8 -> {
                    w.word[f] &= ~FrameState.LRU; // under the list's lock
                    w.linked[f] = false;
                    require(w.change(g, FrameState.setLru(w.word[g])), "takes the place");
                    w.linked[g] = true;
                    w.owned[f] = false;
                    yield 9;
                }
                case 9 -> {
                    require(w.change(g, FrameState.unlock(w.word[g])), "unlocks the new one");
                    yield 10;
                }
                case 10 -> {
                    require(w.change(f, FrameState.moveOut(w.word[f])), "moves out");
                    w.release(f);
                    yield DONE;
                }
                case 11 -> {
                    require(
                            w.change(f, FrameState.put(FrameState.unlock(w.word[f]))),
                            "a move backs off");
                    w.afterPut(f);
                    yield 12;
                }
                default -> {
                    require(w.change(g, FrameState.put(w.word[g])), "gives its frame back");
                    w.afterPut(g);
                    yield DONE;
                }
            };
        }
    },
    /** As MOVE, but copied before the frame is frozen: wrong. */
    MOVE_COPY_FIRST {
        @Override
        int step(World w, int t, int at) {
            return switch (at) {
                case 4 -> {
                    w.store(w.other[t], w.content[w.frame[t]]);
                    yield 5;
                }
                case 5 ->
                        w.change(w.frame[t], FrameState.freezeToMove(w.word[w.frame[t]])) ? 6 : 11;
                default -> MOVE.step(w, t, at);
            };
        }
    },
    /** Takeover, for a fault: the page leaves, and another one, here the same, has its frame. */
    TAKE_OVER {
        @Override
        int step(World w, int t, int at) {
            int f = w.frame[t];
            return switch (at) {
                case 0 -> {
                    w.frame[t] = w.linked[0] ? 0 : w.linked[1] ? 1 : NONE;
                    yield w.frame[t] == NONE ? DONE : 1;
                }
                case 1 -> {
                    if (w.change(f, FrameState.takeDeferred(w.word[f]))) {
                        w.deferred[f] = false; // its entry is stale
                        yield 5;
                    }
                    yield w.change(f, FrameState.lockListed(w.word[f])) ? 2 : DONE;
                }
                case 2 -> // cut off meanwhile: its last reference is about to go
                        w.owned[f] && w.change(f, FrameState.freezeListed(w.word[f])) ? 3 : 10;
                case 3 -> {
                    require(w.slotFrame == f, "an owner is in its slot");
                    w.slot(NONE, false);
                    w.owned[f] = false;
                    yield 4;
                }
                case 4 -> {
                    require(w.change(f, FrameState.unlock(w.word[f])), "unlocks");
                    yield 5;
                }
                case 5 -> {
                    w.owned[f] = true;
                    require(w.change(f, FrameState.unfreezeToFill(w.word[f])), "is nobody's");
                    yield 6;
                }
                case 6 -> {
                    if (w.slotFrame != NONE) { // somebody else was first
                        w.owned[f] = false;
                        require(w.change(f, FrameState.unlock(w.word[f])), "unlocks");
                        yield 9;
                    }
                    w.slot(f, false);
                    yield 7;
                }
                case 7 -> {
                    w.store(f, w.store);
                    yield 8;
                }
                case 8 -> {
                    w.slot(f, true);
                    require(w.change(f, FrameState.fillDone(w.word[f])), "is filled");
                    yield DONE;
                }
                case 9 -> {
                    require(w.change(f, FrameState.put(w.word[f])), "gives its frame back");
                    w.afterPut(f);
                    yield DONE;
                }
                default -> {
                    require(
                            w.change(f, FrameState.put(FrameState.unlock(w.word[f]))),
                            "a takeover backs off");
                    w.afterPut(f);
                    yield DONE;
                }
            };
        }
    },
    /** As TAKE_OVER, but a page that was just dirtied is taken all the same: wrong. */
    TAKE_OVER_WITHOUT_FREEZE {
        @Override
        int step(World w, int t, int at) {
            if (at == 2) {
                int f = w.frame[t];
                long next = FrameState.freeze(w.word[f], 2, 0);
                return w.owned[f] && w.change(f, next) ? 3 : 10;
            }
            return TAKE_OVER.step(w, t, at);
        }
    },
    /** Removal.removeFrom: the page is cut off, whatever it holds. */
    CUT {
        @Override
        int step(World w, int t, int at) {
            return cut(w, t, at, false);
        }
    },
    /** The thread that frees what was deferred (S1). */
    DRAIN {
        @Override
        int step(World w, int t, int at) {
            for (int f = 0; f < World.FRAMES; f++) {
                if (w.deferred[f]) {
                    w.drain(f);
                }
            }
            return DONE;
        }
    },
    /** FrameRelease.own and put, of a block of both frames. */
    BLOCK {
        @Override
        int step(World w, int t, int at) {
            return switch (at) {
                case 0 -> w.takeBlock() ? 1 : DONE;
                case 1 -> orders(w);
                case 2 -> firstReference(w, 3);
                default -> putBlock(w);
            };
        }
    },
    /** As BLOCK, but others may find a reference before they find the order: wrong. */
    BLOCK_WORD_FIRST {
        @Override
        int step(World w, int t, int at) {
            return switch (at) {
                case 0 -> w.takeBlock() ? 1 : DONE;
                case 1 -> firstReference(w, 2);
                case 2 -> orders(w) + 1;
                default -> putBlock(w);
            };
        }
    },
    /** As BLOCK, but the tail is not marked: wrong. */
    BLOCK_WITHOUT_TAIL {
        @Override
        int step(World w, int t, int at) {
            if (at == 1) {
                w.order[0] = 1;
                return 2;
            }
            return BLOCK.step(w, t, at);
        }
    },
    /** As CUT, but the frame is freed while somebody may hold it: wrong. */
    CUT_AND_FREE {
        @Override
        int step(World w, int t, int at) {
            return cut(w, t, at, true);
        }
    };

    static final int DONE = 99;

    private static final int FAULT = 20;

    /** Makes one step; answers where the thread is then. */
    abstract int step(World w, int t, int at);

    boolean isWrong() {
        return name().contains("_WITHOUT_")
                || name().endsWith("_FIRST")
                || name().endsWith("_DIRTY")
                || name().endsWith("_FREE");
    }

    private static int find(World w, int t, int next) {
        w.frame[t] = w.slotFrame;
        return w.slotFrame == NONE ? FAULT : next;
    }

    private static int unpin(World w, int t, int next) {
        require(w.change(w.frame[t], FrameState.unpin(w.word[w.frame[t]])), "a pin ends");
        w.afterPut(w.frame[t]);
        return next;
    }

    /** Faults.fault: Fill.insert, read, publish; then from the start. */
    private static int fault(World w, int t, int at) {
        int g = w.other[t];
        return switch (at - FAULT) {
            case 0 -> {
                w.other[t] = w.allocate();
                yield w.other[t] == NONE ? DONE : FAULT + 1; // none: the reader gives up
            }
            case 1 -> {
                require(w.change(g, FrameState.lock(w.word[g])), "a new frame is nobody's");
                w.owned[g] = true;
                yield FAULT + 2;
            }
            case 2 -> {
                if (w.slotFrame != NONE) {
                    w.owned[g] = false;
                    require(w.change(g, FrameState.unlock(w.word[g])), "unlocks");
                    yield FAULT + 6;
                }
                w.slot(g, false);
                yield FAULT + 3;
            }
            case 3 -> {
                require(w.change(g, FrameState.setLru(w.word[g])), "goes on a list");
                w.linked[g] = true;
                yield FAULT + 4;
            }
            case 4 -> {
                w.store(g, w.store);
                yield FAULT + 5;
            }
            case 5 -> {
                w.slot(g, true);
                require(w.change(g, FrameState.fillDone(w.word[g])), "is filled");
                yield 0;
            }
            default -> {
                require(w.change(g, FrameState.put(w.word[g])), "gives its frame back");
                w.afterPut(g);
                yield 0;
            }
        };
    }

    /** The columns of a block that is nobody else's. */
    private static int orders(World w) {
        w.order[0] = 1;
        w.order[1] = World.TAIL;
        return 2;
    }

    private static int firstReference(World w, int next) {
        require(w.change(0, FrameState.allocate(w.word[0])), "a free frame's word is 0");
        return next;
    }

    private static int putBlock(World w) {
        require(w.change(0, FrameState.put(w.word[0])), "gives its block back");
        w.afterPut(0);
        return DONE;
    }

    private static int evict(World w, int t, int at, long refused) {
        int f = w.frame[t];
        return switch (at) {
            case 0 -> { // under the list's lock
                w.frame[t] = w.linked[0] ? 0 : w.linked[1] ? 1 : NONE;
                f = w.frame[t];
                if (f == NONE || !w.change(f, FrameState.claimLru(w.word[f]))) {
                    yield DONE;
                }
                w.linked[f] = false;
                yield 1;
            }
            case 1 -> w.change(f, FrameState.lock(w.word[f])) ? 2 : 7;
            case 2 -> w.owned[f] ? 3 : 9;
            case 3 -> w.change(f, FrameState.freeze(w.word[f], 2, refused)) ? 4 : 6;
            case 4 -> {
                require(w.slotFrame == f, "an owner is in its slot");
                w.slot(NONE, false);
                w.owned[f] = false;
                yield 5;
            }
            case 5 -> {
                require(w.change(f, FrameState.unlock(w.word[f])), "unlocks");
                w.release(f);
                yield DONE;
            }
            case 6 -> {
                require(w.change(f, FrameState.unlock(w.word[f])), "unlocks");
                yield 7;
            }
            case 7 -> { // under the list's lock
                require(w.change(f, FrameState.setLru(w.word[f])), "is put back");
                w.linked[f] = true;
                yield 8;
            }
            case 8 -> {
                require(w.change(f, FrameState.put(w.word[f])), "gives its reference back");
                w.afterPut(f);
                yield DONE;
            }
            default -> { // cut off meanwhile: it does not go back on a list
                require(w.change(f, FrameState.unlock(w.word[f])), "unlocks");
                yield 8;
            }
        };
    }

    private static int cut(World w, int t, int at, boolean freesAtOnce) {
        int f = w.frame[t];
        return switch (at) {
            case 0 -> {
                w.frame[t] = w.slotFrame;
                yield w.slotFrame == NONE ? DONE : 1;
            }
            case 1 -> {
                long locked = FrameState.lock(w.word[f]);
                boolean mine =
                        locked != FrameState.REFUSED
                                && w.change(f, FrameState.beginExclusive(locked));
                yield mine ? 2 : DONE; // it would wait, and come back
            }
            case 2 -> w.slotFrame == f ? 3 : 7;
            case 3 -> { // under the list's lock
                boolean onList = w.change(f, FrameState.claimLru(w.word[f]));
                w.linked[f] &= !onList;
                w.other[t] = onList ? 1 : 0;
                yield 4;
            }
            case 4 -> {
                w.word[f] &= ~FrameState.DIRTY;
                w.slot(NONE, false);
                w.owned[f] = false;
                w.cut = true;
                w.store = 0;
                w.written = 0;
                yield freesAtOnce ? 8 : 5;
            }
            case 5 -> {
                require(
                        w.change(f, FrameState.endExclusive(FrameState.unlock(w.word[f]))),
                        "a latch ends");
                w.afterPut(f);
                yield w.other[t] == 1 ? 6 : 9;
            }
            case 6 -> {
                require(w.change(f, FrameState.put(w.word[f])), "gives the list's back");
                w.afterPut(f);
                yield 9;
            }
            case 7 -> {
                require(
                        w.change(f, FrameState.endExclusive(FrameState.unlock(w.word[f]))),
                        "a latch ends");
                w.afterPut(f);
                yield DONE;
            }
            case 8 -> {
                w.word[f] = FrameState.FROZEN; // whoever has it: wrong
                w.linked[f] = false;
                w.release(f);
                yield DONE;
            }
            default -> {
                require(w.change(f, FrameState.put(w.word[f])), "gives the cache's back");
                w.afterPut(f);
                yield DONE;
            }
        };
    }
}
