package io.ebridge.testkit.attest;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The JDK's digests without checked exceptions. */
final class Digests {
    private Digests() {}

    static byte[] sha1(byte[]... parts) {
        return digest("SHA-1", parts);
    }

    /** SHA-256 of the parts in order. */
    static byte[] sha256(byte[]... parts) {
        return digest("SHA-256", parts);
    }

    /** SHA-384 of the parts in order. */
    static byte[] sha384(byte[]... parts) {
        return digest("SHA-384", parts);
    }

    private static byte[] digest(String name, byte[]... parts) {
        try {
            MessageDigest d = MessageDigest.getInstance(name);
            for (byte[] p : parts) {
                d.update(p);
            }
            return d.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(name + " is part of every JDK", e);
        }
    }
}
