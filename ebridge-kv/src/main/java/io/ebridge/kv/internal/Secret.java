package io.ebridge.kv.internal;

import java.util.Arrays;

/** Helpers for arrays that hold secrets. */
public final class Secret {

    private Secret() {}

    /** Overwrites with zeros. */
    public static void wipe(byte[] bytes) {
        Arrays.fill(bytes, (byte) 0);
    }
}
