package io.ebridge.ratls.configuration;

import io.ebridge.attest.Bytes;
import io.ebridge.ratls.merkle.MerkleTree;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;

/**
 * One named value as the tree commits to it: name, length and SHA-256 of the value.
 *
 * <p>The leaf hash is SHA-256(0x00 | u16 length of the name | name | u64 length of the value | SHA-256 of the value), big-endian, so that neither name
 * nor length can be shifted into one another.
 *
 * @param name 1 to 255 characters of {@code a-z A-Z 0-9 . _ - / :}
 * @param length of the value, in bytes
 * @param sha256 of the value
 */
public record ConfigurationLeaf(String name, long length, Bytes sha256) {

    /**
     * Checks the parts.
     *
     * @param name 1 to 255 characters of {@code a-z A-Z 0-9 . _ - / :}
     * @param length of the value, in bytes
     * @param sha256 of the value
     */
    public ConfigurationLeaf {
        Objects.requireNonNull(sha256, "sha256");
        if (!isName(name)) {
            throw new IllegalArgumentException("no name for a configuration leaf: " + name);
        }
        if (length < 0) {
            throw new IllegalArgumentException("length " + length);
        }
        if (sha256.length() != 32) {
            throw new IllegalArgumentException("SHA-256 has 32 bytes, not " + sha256.length());
        }
    }

    /**
     * The leaf of a value.
     *
     * @param name its name
     * @param value the value
     * @return the leaf
     */
    public static ConfigurationLeaf of(String name, byte[] value) {
        return new ConfigurationLeaf(
                name, value.length, Bytes.of(MerkleTree.sha256().digest(value)));
    }

    static boolean isName(String name) {
        if (name.isEmpty() || name.length() > 255) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!letter && "._-/:".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * The hash that goes into the tree.
     *
     * @return 32 bytes
     */
    public Bytes hash() {
        return Bytes.of(hashBytes());
    }

    byte[] hashBytes() {
        byte[] utf8 = name.getBytes(StandardCharsets.US_ASCII);
        MessageDigest digest = MerkleTree.sha256();
        digest.update((byte) 0);
        digest.update((byte) (utf8.length >>> 8));
        digest.update((byte) utf8.length);
        digest.update(utf8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            digest.update((byte) (length >>> shift));
        }
        return digest.digest(sha256.toByteArray());
    }
}
