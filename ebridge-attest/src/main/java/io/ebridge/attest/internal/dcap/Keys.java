package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Makes cache keys: SHA-256 over parts, each with its length or of fixed length, so that no two inputs give one key. */
final class Keys {

    private final MessageDigest digest;

    Keys(int purpose) {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
        add(purpose);
    }

    Keys add(int number) {
        digest.update(
                new byte[] {(byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number});
        return this;
    }

    Keys add(byte[] bytes) {
        add(bytes.length);
        digest.update(bytes);
        return this;
    }

    /** By its own hash, which the value remembers. */
    Keys add(Bytes value) {
        digest.update(value.sha256().toByteArray());
        return this;
    }

    Bytes key() {
        return Bytes.of(digest.digest());
    }

    static Bytes of(int purpose, String text, Bytes value) {
        return new Keys(purpose)
                .add(text.getBytes(StandardCharsets.UTF_8))
                .add(value)
                .key();
    }
}
