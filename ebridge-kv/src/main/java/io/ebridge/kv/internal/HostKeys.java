package io.ebridge.kv.internal;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** The keys of a sealed store on the host; FORMAT.md, "Host keys". */
final class HostKeys {

    static final byte MANIFEST = (byte) 0xF0;
    static final byte PRESERVED = (byte) 0xF1;
    static final int DATA_LENGTH = 17;
    static final byte[] DATA_PREFIX = {KeyTree.TOKEN_GENERATION};
    static final byte[] PRESERVED_PREFIX = {PRESERVED};

    private HostKeys() {}

    /** The place of a record. */
    static byte[] data(long hi, long lo) {
        byte[] key = new byte[DATA_LENGTH];
        data(hi, lo, key);
        return key;
    }

    /** As {@link #data(long, long)}, into an array of that length. */
    static void data(long hi, long lo, byte[] out) {
        out[0] = KeyTree.TOKEN_GENERATION;
        Bytes.putLong(out, 1, hi);
        Bytes.putLong(out, 9, lo);
    }

    /** The place of an old record that an open snapshot still needs. */
    static byte[] preserved(long hi, long lo, long version) {
        byte[] key = new byte[25];
        ByteBuffer.wrap(key).put(PRESERVED).putLong(hi).putLong(lo).putLong(version);
        return key;
    }

    static boolean isData(byte[] key) {
        return key.length == DATA_LENGTH && key[0] == KeyTree.TOKEN_GENERATION;
    }

    static long hi(byte[] key) {
        return Bytes.getLong(key, 1);
    }

    static long lo(byte[] key) {
        return Bytes.getLong(key, 9);
    }

    static String hex(byte[] key) {
        return HexFormat.of().formatHex(key);
    }
}
