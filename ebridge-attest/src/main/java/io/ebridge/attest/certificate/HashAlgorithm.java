package io.ebridge.attest.certificate;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Optional;

/** Hash algorithms that claims name by number (IANA Named Information Hash Algorithm Registry). */
public enum HashAlgorithm {
    /** SHA-256. */
    SHA_256(1, "SHA-256"),
    /** SHA-384. */
    SHA_384(7, "SHA-384"),
    /** SHA-512. */
    SHA_512(8, "SHA-512");

    private final int id;
    private final String jcaName;

    HashAlgorithm(int id, String jcaName) {
        this.id = id;
        this.jcaName = jcaName;
    }

    /** The number in the registry. */
    public int id() {
        return id;
    }

    /** The algorithm with a number, if it is one of these. */
    public static Optional<HashAlgorithm> of(long id) {
        for (HashAlgorithm algorithm : values()) {
            if (algorithm.id == id) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    /** Hashes. */
    public byte[] hash(byte[] input) {
        try {
            return MessageDigest.getInstance(jcaName).digest(input);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no " + jcaName, e);
        }
    }
}
