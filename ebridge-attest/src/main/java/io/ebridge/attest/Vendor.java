package io.ebridge.attest;

/** Whose hardware signs evidence, and so whose root it must lead to. */
public enum Vendor {
    /** Amazon Web Services: Nitro Enclaves. */
    AWS,
    /** Intel: SGX and TDX. */
    INTEL,
    /** AMD: SEV-SNP. */
    AMD
}
