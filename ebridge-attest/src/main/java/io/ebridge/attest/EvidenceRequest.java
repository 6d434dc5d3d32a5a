package io.ebridge.attest;

import java.util.Optional;

/**
 * What evidence is to be bound to.
 *
 * @param reportData the 64 bytes that the hardware signs: SGX, TDX and SNP {@code report_data}, Nitro {@code user_data}
 * @param nonce the verifier's nonce, 1 to 512 bytes; only a Nitro document has a field for it, elsewhere the caller hashes
 *     it into the report data
 * @param publicKeySha256 SHA-256 of the attester's SubjectPublicKeyInfo; only a Nitro document has a field for it
 *     ({@code public_key}), elsewhere the caller hashes it into the report data
 */
public record EvidenceRequest(Bytes reportData, Optional<Bytes> nonce, Optional<Bytes> publicKeySha256) {

    /** The length of report data in bytes. */
    public static final int REPORT_DATA_BYTES = 64;

    /** The longest nonce in bytes (AWS Nitro Enclaves NSM API, attestation process, section 3.1). */
    public static final int MAX_NONCE_BYTES = 512;

    /**
     * Checks the lengths.
     *
     * @param reportData the 64 bytes that the hardware signs
     * @param nonce the verifier's nonce, 1 to 512 bytes
     * @param publicKeySha256 SHA-256 of the attester's SubjectPublicKeyInfo
     * @throws IllegalArgumentException if a length is not as described
     */
    public EvidenceRequest {
        if (reportData.length() != REPORT_DATA_BYTES) {
            throw new IllegalArgumentException("report data is 64 bytes, not " + reportData.length());
        }
        if (nonce.isPresent() && (nonce.get().length() == 0 || nonce.get().length() > MAX_NONCE_BYTES)) {
            throw new IllegalArgumentException(
                    "a nonce has 1 to 512 bytes, not " + nonce.get().length());
        }
        if (publicKeySha256.isPresent() && publicKeySha256.get().length() != 32) {
            throw new IllegalArgumentException(
                    "SHA-256 has 32 bytes, not " + publicKeySha256.get().length());
        }
    }

    /**
     * A request for evidence over report data alone.
     *
     * @param reportData 64 bytes; copied
     * @return the request
     * @throws IllegalArgumentException if it is not 64 bytes
     */
    public static EvidenceRequest of(byte[] reportData) {
        return new EvidenceRequest(Bytes.of(reportData), Optional.empty(), Optional.empty());
    }

    /**
     * The same request with a nonce.
     *
     * @param value 1 to 512 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if the length is out of range
     */
    public EvidenceRequest withNonce(byte[] value) {
        return new EvidenceRequest(reportData, Optional.of(Bytes.of(value)), publicKeySha256);
    }

    /**
     * The same request with the hash of a public key.
     *
     * @param sha256 SHA-256 of the SubjectPublicKeyInfo; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 32 bytes
     */
    public EvidenceRequest withPublicKeySha256(byte[] sha256) {
        return new EvidenceRequest(reportData, nonce, Optional.of(Bytes.of(sha256)));
    }
}
