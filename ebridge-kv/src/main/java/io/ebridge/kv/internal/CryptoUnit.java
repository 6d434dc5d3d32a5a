package io.ebridge.kv.internal;

import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The ciphers one operation needs, with scratch space. Taken from a {@link Pool} and put back. */
final class CryptoUnit {

    private static final IvParameterSpec ZERO_IV = new IvParameterSpec(new byte[16]);
    private static final int KEPT_SCRATCH = 1 << 18;

    private final Cipher cbc;
    private final Cipher ecb;
    private final Cipher gcm;
    private @Nullable AesKey cbcKey;
    private @Nullable AesKey ecbKey;
    private byte[] scratch = new byte[2048];
    private byte[] chain = new byte[512];
    private final byte[] blocks = new byte[64];

    /** Where {@link #ecb} writes: a cipher that works in place makes a copy of its input first. */
    private final byte[] images = new byte[64];

    final byte[] aad = new byte[128];

    /** A key to read, for the time of one call. */
    final byte[] hostKey = new byte[HostKeys.DATA_LENGTH];

    /** A sealed record as it was read. */
    byte[] record = new byte[4096];

    /** The platform thread that keeps it, if any, and whether it is in use there. */
    private @Nullable Thread owner;

    private boolean taken;

    CryptoUnit() {
        try {
            cbc = Cipher.getInstance("AES/CBC/NoPadding");
            ecb = Cipher.getInstance("AES/ECB/NoPadding");
            gcm = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no AES-256", e);
        }
    }

    /** Scratch space of at least this length; what it holds is undefined. */
    byte[] scratch(int length) {
        if (scratch.length < length) {
            scratch = new byte[Math.max(length, Math.min(KEPT_SCRATCH, scratch.length * 2))];
        }
        return scratch;
    }

    /** AES-256-CMAC, RFC 4493 section 2.4, into {@code out[0..15]}. */
    void cmac(AesKey key, byte[] message, byte[] out) {
        int last = cmac(key, message);
        System.arraycopy(chain, last, out, 0, 16);
    }

    /** The place of a key in a namespace: {@link #cmac(AesKey, byte[], byte[])} as two numbers. */
    Space.Token token(Space space, byte[] key) {
        int last = cmac(space.tokenKey, key);
        return new Space.Token(space.ref, Bytes.getLong(chain, last), Bytes.getLong(chain, last + 8));
    }

    /** The tag is left in {@link #chain}, at the offset that is returned. */
    private int cmac(AesKey key, byte[] message) {
        int n = Math.max(1, (message.length + 15) >>> 4);
        byte[] buffer = scratch(n << 4);
        if (chain.length < n << 4) {
            chain = new byte[n << 4];
        }
        System.arraycopy(message, 0, buffer, 0, message.length);
        int last = (n - 1) << 4;
        byte[] mask = key.k1;
        if (message.length != n << 4) {
            buffer[message.length] = (byte) 0x80;
            for (int i = message.length + 1; i < n << 4; i++) {
                buffer[i] = 0;
            }
            mask = key.k2;
        }
        for (int i = 0; i < 16; i++) {
            buffer[last + i] ^= mask[i];
        }
        try {
            if (cbcKey != key) {
                cbc.init(Cipher.ENCRYPT_MODE, key.key, ZERO_IV);
                cbcKey = key;
            }
            // A finished CBC encryption falls back to the IV of its init, so the next message needs no init.
            cbc.doFinal(buffer, 0, n << 4, chain, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-CBC failed", e);
        }
        return last;
    }

    /**
     * Adds (or subtracts) one element to a multiset hash. The element's 256-bit image is two CBC-MACs over messages of exactly two
     * blocks (token; version, namespace, flags, index), which share their first block.
     */
    void accumulate(AesKey key, Multiset sum, boolean add, long hi, long lo, long version, int space, int flags) {
        try {
            first(key, hi, lo);
            second(0, Bytes.getLong(images, 0), Bytes.getLong(images, 8), version, space, flags);
            ecb.doFinal(blocks, 0, 32, images, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES failed", e);
        }
        fold(sum, add, 0);
    }

    /** Takes one element of a token out and puts another of the same token in, with half the calls of doing one after the other. */
    void replace(
            AesKey key,
            Multiset sum,
            long hi,
            long lo,
            int space,
            long version,
            int flags,
            long newVersion,
            int newFlags) {
        try {
            first(key, hi, lo);
            long xHi = Bytes.getLong(images, 0);
            long xLo = Bytes.getLong(images, 8);
            second(0, xHi, xLo, version, space, flags);
            second(32, xHi, xLo, newVersion, space, newFlags);
            ecb.doFinal(blocks, 0, 64, images, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES failed", e);
        }
        fold(sum, false, 0);
        fold(sum, true, 32);
    }

    private void first(AesKey key, long hi, long lo) throws GeneralSecurityException {
        if (ecbKey != key) {
            ecb.init(Cipher.ENCRYPT_MODE, key.key);
            ecbKey = key;
        }
        Bytes.putLong(blocks, 0, hi);
        Bytes.putLong(blocks, 8, lo);
        ecb.doFinal(blocks, 0, 16, images, 0);
    }

    private void second(int at, long xHi, long xLo, long version, int space, int flags) {
        long low = xLo ^ ((long) space << 32 | (flags & 0xffL) << 8);
        Bytes.putLong(blocks, at, xHi ^ version);
        Bytes.putLong(blocks, at + 8, low);
        Bytes.putLong(blocks, at + 16, xHi ^ version);
        Bytes.putLong(blocks, at + 24, low ^ 1);
    }

    private void fold(Multiset sum, boolean add, int at) {
        sum.fold(
                add,
                Bytes.getLong(images, at),
                Bytes.getLong(images, at + 8),
                Bytes.getLong(images, at + 16),
                Bytes.getLong(images, at + 24));
    }

    /** AES-256-GCM of {@code scratch[0..length)} with {@code aad[0..aadLength)}, into {@code out} from {@code at}. */
    void seal(SecretKeySpec key, byte[] nonce, int aadLength, int length, byte[] out, int at) {
        seal(key, new GCMParameterSpec(128, nonce), aadLength, length, out, at);
    }

    /** As {@link #seal(SecretKeySpec, byte[], int, int, byte[], int)}. */
    void seal(SecretKeySpec key, GCMParameterSpec nonce, int aadLength, int length, byte[] out, int at) {
        try {
            gcm.init(Cipher.ENCRYPT_MODE, key, nonce);
            gcm.updateAAD(aad, 0, aadLength);
            gcm.doFinal(scratch, 0, length, out, at);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed", e);
        }
    }

    /** Opens into {@link #scratch}; returns the length of the plaintext, or -1 if the tag is wrong. */
    int open(SecretKeySpec key, GCMParameterSpec nonce, int aadLength, byte[] in, int at, int length) {
        if (length < 16) {
            return -1;
        }
        byte[] out = scratch(length);
        try {
            gcm.init(Cipher.DECRYPT_MODE, key, nonce);
            gcm.updateAAD(aad, 0, aadLength);
            return gcm.doFinal(in, at, length, out, 0);
        } catch (AEADBadTagException e) {
            return -1;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed", e);
        }
    }

    private void trim() {
        if (scratch.length > KEPT_SCRATCH) {
            scratch = new byte[2048];
        }
        if (record.length > KEPT_SCRATCH) {
            record = new byte[4096];
        }
    }

    /**
     * Never blocks. A platform thread keeps a unit of its own, which costs no atomic instruction; virtual threads, of which there may be
     * millions, share a few: there an empty slot means a new unit, a full one that the unit is left to the collector.
     */
    static final class Pool {
        private static final int SLOTS = 32;
        private final AtomicReferenceArray<@Nullable CryptoUnit> slots = new AtomicReferenceArray<>(SLOTS);
        private final ThreadLocal<@Nullable CryptoUnit> own = new ThreadLocal<>();

        CryptoUnit take() {
            CryptoUnit unit = own();
            if (unit == null) {
                unit = slots.getAndSet(slot(Thread.currentThread()), null);
            }
            return unit == null ? new CryptoUnit() : unit;
        }

        /** The calling thread's own unit, which may be held while it waits for the host; null if it has none or uses it already. */
        @Nullable CryptoUnit own() {
            Thread thread = Thread.currentThread();
            if (Threads.virtual(thread)) {
                return null;
            }
            CryptoUnit unit = own.get();
            if (unit == null) {
                unit = new CryptoUnit();
                unit.owner = thread;
                own.set(unit);
            }
            if (unit.taken) {
                return null;
            }
            unit.taken = true;
            return unit;
        }

        void give(CryptoUnit unit) {
            unit.trim();
            if (unit.owner != null) {
                unit.taken = false;
            } else {
                slots.lazySet(slot(Thread.currentThread()), unit);
            }
        }

        private static int slot(Thread thread) {
            return (int) (thread.getId() * 0x9E3779B97F4A7C15L >>> 59);
        }
    }
}
