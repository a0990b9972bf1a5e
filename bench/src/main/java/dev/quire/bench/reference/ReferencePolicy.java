package dev.quire.bench.reference;

import dev.quire.bench.console.Names;
import dev.quire.bench.trace.Trace;

/** The policies that a page cache is compared with. */
public enum ReferencePolicy {
    /** Least recently used. */
    STRICT_LRU {
        @Override
        public ReferenceCache create(int frames, Trace trace) {
            return new StrictLru(frames, trace.pageCount());
        }
    },
    /** Second chance. */
    CLOCK {
        @Override
        public ReferenceCache create(int frames, Trace trace) {
            return new Clock(frames, trace.pageCount());
        }
    },
    /** Adaptive replacement cache. */
    ARC {
        @Override
        public ReferenceCache create(int frames, Trace trace) {
            return new Arc(frames, trace.pageCount());
        }
    },
    /** Three static queues. */
    S3_FIFO {
        @Override
        public ReferenceCache create(int frames, Trace trace) {
            return new S3Fifo(frames, trace.pageCount());
        }
    },
    /** The real library. */
    CAFFEINE {
        @Override
        public ReferenceCache create(int frames, Trace trace) {
            return new CaffeineCache(frames, trace.pageCount());
        }
    },
    /** The optimum, which knows the future. */
    BELADY {
        @Override
        public ReferenceCache create(int frames, Trace trace) {
            return new Belady(frames, trace);
        }
    };

    /**
     * An empty cache.
     *
     * @param frames how many pages it holds, 1 or more
     * @param trace what it will be asked for, each access once and in order
     * @return the cache
     */
    public abstract ReferenceCache create(int frames, Trace trace);

    /** As it is printed. */
    @Override
    public String toString() {
        return Names.of(this);
    }
}
