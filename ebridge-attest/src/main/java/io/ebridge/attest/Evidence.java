package io.ebridge.attest;

import java.util.Optional;

/**
 * A piece of evidence as it came: its format, its bytes and whatever collateral the sender attached.
 *
 * <p>Nothing in it is trusted. Attached collateral is signed by the vendor and is checked like any other; what a
 * {@link CollateralSource} of the verifier supplies takes precedence over it, so that a peer cannot choose outdated
 * collateral where the verifier has its own.
 *
 * @param format what the bytes claim to be
 * @param bytes the evidence, 1 to {@link EvidenceFormat#maxBytes()} bytes
 * @param collateral what came with it; {@link Collateral#none()} if nothing did
 */
public record Evidence(EvidenceFormat format, Bytes bytes, Collateral collateral) {

    /**
     * Checks the size.
     *
     * @param format what the bytes claim to be
     * @param bytes the evidence, 1 to {@link EvidenceFormat#maxBytes()} bytes
     * @param collateral what came with it
     * @throws IllegalArgumentException if there are no bytes or more than the format's limit
     */
    public Evidence {
        java.util.Objects.requireNonNull(format, "format");
        java.util.Objects.requireNonNull(collateral, "collateral");
        if (bytes.length() == 0 || bytes.length() > format.maxBytes()) {
            throw new IllegalArgumentException(
                    "evidence of " + bytes.length() + " bytes; " + format + " takes 1 to " + format.maxBytes());
        }
    }

    /**
     * Evidence without collateral of its own.
     *
     * @param format what the bytes are
     * @param bytes the evidence; copied
     * @return the evidence
     * @throws IllegalArgumentException if there are no bytes or more than the format's limit
     */
    public static Evidence of(EvidenceFormat format, byte[] bytes) {
        return new Evidence(format, Bytes.of(bytes), Collateral.none());
    }

    /**
     * The same evidence with other collateral attached.
     *
     * @param attached the collateral, replacing what was attached before
     * @return a copy
     */
    public Evidence withCollateral(Collateral attached) {
        return new Evidence(format, bytes, attached);
    }

    /**
     * Recognises the format from the first bytes. A guess to route by, not a check: the parsers are strict.
     *
     * <p>COSE_Sign1 starts with an array of four, or tag 18 (RFC 9052 section 4.2); an Intel quote with its version as a
     * 16-bit little-endian number and, from version 4, the TEE type at offset 4; an AMD report with its version as a
     * 32-bit little-endian number, in 1184 bytes.
     *
     * @param bytes evidence
     * @return its format, or empty if it looks like none of them
     */
    public static Optional<EvidenceFormat> detect(byte[] bytes) {
        if (bytes.length < 48) {
            return Optional.empty();
        }
        int first = bytes[0] & 0xFF;
        if (first == 0x84 || first == 0xD2) {
            return Optional.of(EvidenceFormat.NITRO);
        }
        int version = first | (bytes[1] & 0xFF) << 8;
        boolean upperZero = bytes[2] == 0 && bytes[3] == 0;
        if (bytes.length >= 1184 && version <= 5 && upperZero && bytes[0x34] == 1 && bytes[0x35] == 0) {
            return Optional.of(EvidenceFormat.SNP);
        }
        if (version == 3) {
            return Optional.of(EvidenceFormat.SGX);
        }
        if (version == 4 || version == 5) {
            int tee = (bytes[4] & 0xFF) | (bytes[5] & 0xFF) << 8;
            return tee == 0x81
                    ? Optional.of(EvidenceFormat.TDX)
                    : tee == 0 ? Optional.of(EvidenceFormat.SGX) : Optional.empty();
        }
        return Optional.empty();
    }
}
