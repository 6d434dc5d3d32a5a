package io.ebridge.kv.internal;

import java.nio.ByteBuffer;
import javax.crypto.spec.SecretKeySpec;

/**
 * Every key of a store, derived from its root by HKDF-Expand. Info strings carry length-prefixed parts, so that no two of them can
 * be confused. FORMAT.md, "Keys", has the tree and vectors.
 */
final class KeyTree {

    static final byte TOKEN_GENERATION = 1;
    private static final String LABEL = "ebkv/1";

    private final byte[] root;
    private final byte[] storeId;

    /** Copies the root. */
    KeyTree(byte[] root, String storeName) {
        this.root = root.clone();
        this.storeId = Hkdf.expand(root, info("store id", Hkdf.utf8(storeName)), 16);
    }

    /** 16 bytes that stand for store name and root; public. */
    byte[] storeId() {
        return storeId;
    }

    /** Key tokens of a namespace. Independent of the epoch: a token outlives the value keys. */
    AesKey tokenKey(String space, int generation) {
        return new AesKey(expand("token", storeId, Hkdf.utf8(space), new byte[] {(byte) generation}));
    }

    /** Multiset hashes. */
    AesKey indexKey() {
        return new AesKey(expand("index", storeId));
    }

    /** Manifests of one start. */
    SecretKeySpec manifestKey(byte[] bootRandom) {
        return new SecretKeySpec(expand("manifest", storeId, bootRandom), "AES");
    }

    /** Values of a namespace in an epoch, written by one start. */
    SecretKeySpec valueKey(int epoch, String space, byte[] bootRandom) {
        byte[] epochKey =
                expand("epoch", storeId, ByteBuffer.allocate(4).putInt(epoch).array());
        byte[] spaceKey = Hkdf.expand(epochKey, info("value", Hkdf.utf8(space)), 32);
        byte[] key = Hkdf.expand(spaceKey, info("start", bootRandom), 32);
        try {
            return new SecretKeySpec(key, "AES");
        } finally {
            Secret.wipe(epochKey);
            Secret.wipe(spaceKey);
            Secret.wipe(key);
        }
    }

    void wipe() {
        Secret.wipe(root);
    }

    private byte[] expand(String purpose, byte[]... parts) {
        return Hkdf.expand(root, info(purpose, parts), 32);
    }

    private static byte[] info(String purpose, byte[]... parts) {
        byte[][] all = new byte[parts.length + 1][];
        all[0] = Hkdf.utf8(purpose);
        System.arraycopy(parts, 0, all, 1, parts.length);
        return Hkdf.info(LABEL, all);
    }
}
