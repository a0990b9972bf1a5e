package dev.quire.bench.pages;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A page that is an array; its monitor is the writers' lock. The collector takes it in the end. */
final class HeapPage {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final byte[] bytes;
    private boolean dirty;

    HeapPage(byte[] bytes) {
        this.bytes = bytes;
    }

    long read() {
        return (long) LONGS.get(bytes, 0);
    }

    long sum() {
        long sum = 0;
        for (int offset = 0; offset < bytes.length; offset += Long.BYTES) {
            sum += (long) LONGS.get(bytes, offset);
        }
        return sum;
    }

    synchronized void write(long value) {
        LONGS.set(bytes, 0, value);
        dirty = true;
    }

    synchronized boolean dirty() {
        return dirty;
    }
}
