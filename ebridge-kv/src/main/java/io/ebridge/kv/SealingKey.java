package io.ebridge.kv;

import io.ebridge.kv.internal.Hkdf;
import io.ebridge.kv.internal.Secret;
import java.util.Objects;
import javax.security.auth.Destroyable;

/**
 * 32 secret bytes from which every key of a store is derived (HKDF, RFC 5869). Wiped when closed; a store that was opened with it
 * keeps keys of its own. {@link #toString()} shows nothing. Safe for use by several threads.
 */
public final class SealingKey implements AutoCloseable, Destroyable {

    /** Length of a key in bytes. */
    public static final int LENGTH = 32;

    private final byte[] bytes;
    private boolean destroyed;

    private SealingKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Wraps key material of full strength, such as a KMS data key. The array is copied; wiping it is the caller's.
     *
     * @param material exactly 32 bytes, uniformly random
     * @return the key
     * @throws IllegalArgumentException if the length is not 32
     */
    public static SealingKey ofUniform(byte[] material) {
        if (material.length != LENGTH) {
            throw new IllegalArgumentException("a sealing key has 32 bytes, not " + material.length);
        }
        return new SealingKey(material.clone());
    }

    /**
     * Derives a key from secret material that is not uniform or not 32 bytes long, such as a 16-byte hardware sealing key
     * (HKDF-Extract and -Expand). Adds no strength: never hand it a password.
     *
     * @param material at least 16 secret bytes; copied
     * @param label what the key is for
     * @return the key
     * @throws IllegalArgumentException if there are fewer than 16 bytes
     */
    public static SealingKey derive(byte[] material, String label) {
        if (material.length < 16) {
            throw new IllegalArgumentException("key material has at least 16 bytes, not " + material.length);
        }
        byte[] prk = Hkdf.extract(Hkdf.info("ebridge-kv/1 sealing key"), material);
        try {
            return new SealingKey(Hkdf.expand(prk, Hkdf.info("ebridge-kv/1 sealing key", Hkdf.utf8(label)), LENGTH));
        } finally {
            Secret.wipe(prk);
        }
    }

    /**
     * Derives an independent key, so that one root serves several purposes.
     *
     * @param label what the new key is for
     * @return the new key; the caller closes it
     * @throws IllegalStateException if this key has been destroyed
     */
    public SealingKey child(String label) {
        Objects.requireNonNull(label);
        byte[] root = copy();
        try {
            return new SealingKey(Hkdf.expand(root, Hkdf.info("ebridge-kv/1 child", Hkdf.utf8(label)), LENGTH));
        } finally {
            Secret.wipe(root);
        }
    }

    /** A copy of the bytes, which the caller wipes. */
    synchronized byte[] copy() {
        if (destroyed) {
            throw new IllegalStateException("the sealing key has been destroyed");
        }
        return bytes.clone();
    }

    /** Wipes the key; further use fails. */
    @Override
    public synchronized void destroy() {
        destroyed = true;
        Secret.wipe(bytes);
    }

    @Override
    public synchronized boolean isDestroyed() {
        return destroyed;
    }

    /** Same as {@link #destroy()}. */
    @Override
    public void close() {
        destroy();
    }

    /**
     * Shows nothing of the key.
     *
     * @return a constant
     */
    @Override
    public String toString() {
        return "SealingKey[redacted]";
    }
}
