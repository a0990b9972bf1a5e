package dev.quire.pagecache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Words in arrays of bytes, as cursors store them. */
final class Stamps {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Stamps() {}

    static long word(byte[] bytes, int offset) {
        return (long) LONGS.get(bytes, offset);
    }
}
