package io.ebridge.ratls.certificate;

import java.util.Optional;

/**
 * The object identifiers of certificates with evidence, in one place. OIDS.md beside the sources is the same table for people; a test holds the two
 * together.
 */
public enum RatlsOid {
    /** An SGX quote, raw. */
    SGX_QUOTE("1.2.840.113741.1.13.1.0", Encoding.EVIDENCE, "-"),
    /** A TDX quote, raw. */
    TDX_QUOTE("1.2.840.113741.1.5.5.1.6", Encoding.EVIDENCE, "-"),
    /** The flat root of the enclave's configuration. */
    CONFIGURATION_ROOT("1.3.6.1.4.1.65230.1.1", Encoding.HASH, "1.3.6.1.4.1.65230.2.1"),
    /** SHA-256 of the egress CA bundle's PEM bytes. */
    EGRESS_CA_BUNDLE("1.3.6.1.4.1.65230.2.1", Encoding.HASH, "1.3.6.1.4.1.65230.2.2"),
    /** Hash of WASM code, of older certificates; retired. */
    WASM_CODE("1.3.6.1.4.1.65230.2.3", Encoding.HASH, "-"),
    /** Hash of the runtime's version. */
    RUNTIME_VERSION("1.3.6.1.4.1.65230.2.4", Encoding.HASH, "1.3.6.1.4.1.65230.1.1"),
    /** Hash over all workloads. */
    WORKLOADS("1.3.6.1.4.1.65230.2.5", Encoding.HASH, "1.3.6.1.4.1.65230.2.4"),
    /** Root and version of the Merkle store (40 bytes); some use the same number for text. */
    STORE_ROOT("1.3.6.1.4.1.65230.2.6", Encoding.ANY, "1.3.6.1.4.1.65230.3.2"),
    /** Hash of the list of attestation servers. */
    ATTESTATION_SERVERS("1.3.6.1.4.1.65230.2.7", Encoding.HASH, "1.3.6.1.4.1.65230.2.3"),
    /** The image's profile, "production" or "dev". */
    IMAGE_PROFILE("1.3.6.1.4.1.65230.2.8", Encoding.TEXT, "1.3.6.1.4.1.65230.1.2"),
    /** An application's configuration root. */
    APP_CONFIGURATION_ROOT("1.3.6.1.4.1.65230.3.1", Encoding.HASH, "1.3.6.1.4.1.65230.5.1"),
    /** An application's code hash. */
    APP_CODE("1.3.6.1.4.1.65230.3.2", Encoding.HASH, "1.3.6.1.4.1.65230.4.2"),
    /** An application's image reference. */
    APP_IMAGE("1.3.6.1.4.1.65230.3.3", Encoding.TEXT, "1.3.6.1.4.1.65230.4.3"),
    /** Where an application's key comes from. */
    APP_KEY_SOURCE("1.3.6.1.4.1.65230.3.4", Encoding.TEXT, "1.3.6.1.4.1.65230.6.1"),
    /** Hash of an application's configuration. */
    APP_CONFIGURATION("1.3.6.1.4.1.65230.3.5", Encoding.HASH, "1.3.6.1.4.1.65230.5.2"),
    /** An application's id, a UUID. */
    APP_ID("1.3.6.1.4.1.65230.3.6", Encoding.UUID, "1.3.6.1.4.1.65230.4.1"),
    /** A SEV-SNP report, raw. */
    SNP_REPORT("1.3.6.1.4.1.65230.4.1", Encoding.EVIDENCE, "1.3.6.1.4.1.65230.8.3"),
    /** The set of attested dependencies. */
    DEPENDENCIES("1.3.6.1.4.1.65230.6.1", Encoding.ANY, "1.3.6.1.4.1.65230.7.1"),
    /** Tagged evidence of the CCC's interoperable RA-TLS. */
    TAGGED_EVIDENCE("2.23.133.5.4.9", Encoding.EVIDENCE, "-");

    /** How a value looks inside the extension's OCTET STRING. */
    public enum Encoding {
        /** Evidence or what wraps it. */
        EVIDENCE,
        /** 32 bytes. */
        HASH,
        /** 16 bytes. */
        UUID,
        /** UTF-8. */
        TEXT,
        /** Other. */
        ANY
    }

    private final String oid;
    private final Encoding encoding;
    private final String second;

    RatlsOid(String oid, Encoding encoding, String second) {
        this.oid = oid;
        this.encoding = encoding;
        this.second = second;
    }

    /**
     * The identifier in certificates of the first profile (v1), which the seed shares where it has one.
     *
     * @return dotted decimal
     */
    public String oid() {
        return oid;
    }

    /**
     * How its value looks.
     *
     * @return the encoding
     */
    public Encoding encoding() {
        return encoding;
    }

    /**
     * The identifier of the same thing in the later profile (v2), whose numbers partly mean other things in the first.
     *
     * @return dotted decimal, if it lives on there
     */
    public Optional<String> secondProfileOid() {
        return second.equals("-") ? Optional.empty() : Optional.of(second);
    }

    boolean fits(int length) {
        return switch (encoding) {
            case HASH -> length == 32;
            case UUID -> length == 16;
            case TEXT, ANY -> length <= 4096;
            case EVIDENCE -> length <= 128 * 1024;
        };
    }
}
