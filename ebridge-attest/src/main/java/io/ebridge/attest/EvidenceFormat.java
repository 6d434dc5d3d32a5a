package io.ebridge.attest;

/** The four kinds of evidence that this library verifies. */
public enum EvidenceFormat {
    /** AWS Nitro Enclaves attestation document: COSE_Sign1 over CBOR, ES384. */
    NITRO(64 * 1024),
    /** Intel SGX ECDSA quote, version 3, and version 4 or 5 with an SGX report body. */
    SGX(64 * 1024),
    /** Intel TDX ECDSA quote, version 4 and 5. */
    TDX(64 * 1024),
    /** AMD SEV-SNP attestation report, version 2, 3 and 5. */
    SNP(64 * 1024);

    private final int maxBytes;

    EvidenceFormat(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * The longest evidence of this format that {@link Evidence} carries; parsers apply tighter limits of their own.
     *
     * @return a number of bytes
     */
    public int maxBytes() {
        return maxBytes;
    }
}
