package io.ebridge.attest.certificate;

/** Extensions that carry evidence. */
public final class EvidenceOids {

    /** {@code tcg-dice-TaggedEvidence} (TCG DICE Attestation Architecture 1.1, section 6.1.5). */
    public static final String TAGGED_EVIDENCE = "2.23.133.5.4.9";

    /** Quote with report data over the key, as early RA-TLS implementations of 2018 had it; the pieces of collateral follow. */
    public static final String INTEL_2018_QUOTE = "1.2.840.113741.1337.6";

    /** PCK certificate, PEM. */
    public static final String INTEL_2018_PCK = "1.2.840.113741.1337.7";

    /** Issuer chain of the PCK certificate, PEM, URL-encoded. */
    public static final String INTEL_2018_PCK_CHAIN = "1.2.840.113741.1337.8";

    /** TCB info, JSON. */
    public static final String INTEL_2018_TCB_INFO = "1.2.840.113741.1337.9";

    /** Signing chain of the TCB info, PEM, URL-encoded. */
    public static final String INTEL_2018_TCB_INFO_CHAIN = "1.2.840.113741.1337.10";

    /** {@link #INTEL_2018_QUOTE} as older Gramine encodes it: the identifier's own tag and length ended up inside it. */
    public static final String GRAMINE_LEGACY_QUOTE = "0.6.9.42.840.113741.1337.6";

    private EvidenceOids() {}
}
