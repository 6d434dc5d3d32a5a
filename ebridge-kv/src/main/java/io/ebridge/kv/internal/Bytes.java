package io.ebridge.kv.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in byte arrays, most significant byte first. */
final class Bytes {

    static final byte[] NONE = new byte[0];
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() {}

    static int getShort(byte[] in, int at) {
        return (short) SHORTS.get(in, at) & 0xffff;
    }

    static int getInt(byte[] in, int at) {
        return (int) INTS.get(in, at);
    }

    static long getLong(byte[] in, int at) {
        return (long) LONGS.get(in, at);
    }

    static void putShort(byte[] out, int at, int value) {
        SHORTS.set(out, at, (short) value);
    }

    static void putInt(byte[] out, int at, int value) {
        INTS.set(out, at, value);
    }

    static void putLong(byte[] out, int at, long value) {
        LONGS.set(out, at, value);
    }
}
