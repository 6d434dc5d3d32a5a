package io.ebridge.attest;

import static io.ebridge.attest.EvidenceFormat.NITRO;
import static io.ebridge.attest.EvidenceFormat.SGX;
import static io.ebridge.attest.EvidenceFormat.SNP;
import static io.ebridge.attest.EvidenceFormat.TDX;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * Every check that this library makes, each by the reason for which it rejects. {@link AttestationResult#checks()} lists
 * those that were made and passed.
 *
 * <p>Constants are stable names: new ones may be added, old ones keep their meaning.
 */
public enum RejectionReason {
    // ---- any format: input
    /** The evidence is of another format than the policy. Source: none, an error of the caller or the peer. */
    FORMAT_MISMATCH(Aspect.AUTHENTICITY, "policy"),
    /** The evidence does not parse: truncated, a length that does not fit, a field that must be fixed and is not. */
    MALFORMED(Aspect.AUTHENTICITY, "the format's layout"),
    /** The version, or the kind of key or TEE, is none that is supported. */
    UNSUPPORTED_VERSION(Aspect.AUTHENTICITY, "the format's header"),
    /** Bytes follow the end of the evidence. Zero bytes after a quote are tolerated unless the policy says otherwise. */
    TRAILING_DATA(Aspect.AUTHENTICITY, "the format's layout"),

    // ---- any format: certificates (RFC 5280)
    /** A certificate does not parse as DER (RFC 5280 section 4.1). */
    CERTIFICATE_MALFORMED(Aspect.AUTHENTICITY, "RFC 5280 4.1"),
    /** The chain has too few or too many certificates, or repeats one. */
    CHAIN_LENGTH(Aspect.AUTHENTICITY, "RFC 5280 6.1"),
    /** A certificate's issuer is not the subject of the next (RFC 5280 section 6.1.3 (a)(4)). */
    CHAIN_ISSUER_NAME(Aspect.AUTHENTICITY, "RFC 5280 6.1.3"),
    /** A certificate's signature does not verify with its issuer's key (RFC 5280 section 6.1.3 (a)(1)). */
    CHAIN_SIGNATURE(Aspect.AUTHENTICITY, "RFC 5280 6.1.3"),
    /** A certificate's key or signature algorithm is not the one that the vendor uses. */
    CHAIN_ALGORITHM(Aspect.AUTHENTICITY, "the vendor's certificate profile"),
    /** An issuer is no CA, or a leaf is one (RFC 5280 section 4.2.1.9, 6.1.4 (k)). */
    CHAIN_BASIC_CONSTRAINTS(Aspect.AUTHENTICITY, "RFC 5280 6.1.4"),
    /** An issuer may not sign certificates, or a leaf may not sign (RFC 5280 section 4.2.1.3, 6.1.4 (n)). */
    CHAIN_KEY_USAGE(Aspect.AUTHENTICITY, "RFC 5280 6.1.4"),
    /** There are more CAs below one than it allows (RFC 5280 section 6.1.4 (l), (m)). */
    CHAIN_PATH_LENGTH(Aspect.AUTHENTICITY, "RFC 5280 6.1.4"),
    /** A certificate has a critical extension that is not understood (RFC 5280 section 6.1.5 (f)). */
    CHAIN_CRITICAL_EXTENSION(Aspect.AUTHENTICITY, "RFC 5280 6.1.5"),
    /** The chain leads to a root that is no trust anchor: name or key differs. */
    UNKNOWN_ROOT(Aspect.AUTHENTICITY, "RFC 5280 6.1.1 (d)"),
    /** A certificate is no longer valid (RFC 5280 section 6.1.3 (a)(2)). */
    CERTIFICATE_EXPIRED(Aspect.FRESHNESS, "RFC 5280 6.1.3"),
    /** A certificate is not yet valid (RFC 5280 section 6.1.3 (a)(2)). */
    CERTIFICATE_NOT_YET_VALID(Aspect.FRESHNESS, "RFC 5280 6.1.3"),

    // ---- any format: revocation lists (RFC 5280 section 5 and 6.3)
    /** A CRL that is demanded is not at hand. */
    CRL_MISSING(Aspect.AUTHENTICITY, "RFC 5280 6.3.3"),
    /** A CRL does not parse, or has a critical extension that is not understood (RFC 5280 section 5.1, 5.2). */
    CRL_MALFORMED(Aspect.AUTHENTICITY, "RFC 5280 5.1"),
    /** A CRL comes from another issuer than the certificate (RFC 5280 section 6.3.3 (b)). */
    CRL_ISSUER(Aspect.AUTHENTICITY, "RFC 5280 6.3.3"),
    /** A CRL's signature does not verify with its issuer's key (RFC 5280 section 6.3.3 (g)). */
    CRL_SIGNATURE(Aspect.AUTHENTICITY, "RFC 5280 6.3.3"),
    /** A CRL's next update has passed, or it names none (RFC 5280 section 5.1.2.5). */
    CRL_EXPIRED(Aspect.FRESHNESS, "RFC 5280 5.1.2.5"),
    /** A CRL lies in the future (RFC 5280 section 5.1.2.4). */
    CRL_NOT_YET_VALID(Aspect.FRESHNESS, "RFC 5280 5.1.2.4"),
    /** A certificate was revoked (RFC 5280 section 6.3.3 (i)). */
    CERTIFICATE_REVOKED(Aspect.AUTHENTICITY, "RFC 5280 6.3.3"),

    // ---- any format: collateral
    /** The collateral source could not be asked, and nothing that came with the evidence makes up for it. */
    COLLATERAL_UNAVAILABLE(Aspect.AUTHENTICITY, "collateral source"),

    // ---- any format: appraisal
    /** The enclave can be debugged: its memory is open to the host. */
    DEBUG(Aspect.APPRAISAL, "the format's attributes"),
    /** The measurements are in none of the allowed sets. */
    MEASUREMENT_MISMATCH(Aspect.APPRAISAL, "policy"),
    /** The report data is not what was expected. Nitro: {@code user_data}. */
    REPORT_DATA_MISMATCH(Aspect.APPRAISAL, "policy"),
    /** The nonce is absent or not what was expected. */
    NONCE_MISMATCH(Aspect.FRESHNESS, "policy", NITRO),
    /** A nonce was expected of a format that has no field for one, and no report data that covers it was. */
    NONCE_NOT_CARRIED(Aspect.FRESHNESS, "policy", SGX, TDX, SNP),
    /** The public key is absent or not the one that was expected. */
    PUBLIC_KEY_MISMATCH(Aspect.APPRAISAL, "policy", NITRO),
    /** A public key was expected of a format that has no field for one, and no report data that covers it was. */
    PUBLIC_KEY_NOT_CARRIED(Aspect.APPRAISAL, "policy", SGX, TDX, SNP),

    // ---- Nitro (AWS Nitro Enclaves NSM API, attestation process)
    /** The document is longer than 20 KiB, or its payload not 1 to 16384 bytes (attestation process section 2.2). */
    NITRO_SIZE(Aspect.AUTHENTICITY, "AWS attestation process 2.2", NITRO),
    /** The document is no COSE_Sign1: an array of four, with tag 18 or none (RFC 9052 section 4.2). */
    NITRO_COSE_STRUCTURE(Aspect.AUTHENTICITY, "RFC 9052 4.2", NITRO),
    /** The protected header is not exactly {@code {1: -35}}, ES384 (RFC 9053 section 2.1). */
    NITRO_ALGORITHM(Aspect.AUTHENTICITY, "RFC 9053 2.1", NITRO),
    /** The unprotected header is not empty. No signature covers it (RFC 9052 section 3). */
    NITRO_UNPROTECTED_HEADER(Aspect.AUTHENTICITY, "RFC 9052 3", NITRO),
    /** A map of the document has a key twice (RFC 8949 section 5.6). */
    NITRO_DUPLICATE_KEY(Aspect.AUTHENTICITY, "RFC 8949 5.6", NITRO),
    /** A mandatory field is absent (attestation process section 3.1). */
    NITRO_FIELD_MISSING(Aspect.AUTHENTICITY, "AWS attestation process 3.1", NITRO),
    /** A field has the wrong type, length or value (attestation process section 3.1). */
    NITRO_FIELD_INVALID(Aspect.AUTHENTICITY, "AWS attestation process 3.1", NITRO),
    /** The digest is not {@code SHA384} (attestation process section 2.2.2). */
    NITRO_DIGEST(Aspect.AUTHENTICITY, "AWS attestation process 2.2.2", NITRO),
    /** A PCR has an index above 31, or not 48 bytes; or there are none (attestation process section 3.1). */
    NITRO_PCR_INVALID(Aspect.AUTHENTICITY, "AWS attestation process 3.1", NITRO),
    /** The COSE signature does not verify with the leaf's key (attestation process section 3.2.1, RFC 9052 section 4.4). */
    NITRO_SIGNATURE(Aspect.AUTHENTICITY, "RFC 9052 4.4", NITRO),
    /** The signed time lies outside the leaf certificate's validity. */
    NITRO_TIMESTAMP_OUTSIDE_CERTIFICATE(Aspect.FRESHNESS, "AWS attestation process 3.2.3", NITRO),
    /** The signed time is further back than the policy's maximum age. */
    NITRO_TIMESTAMP_STALE(Aspect.FRESHNESS, "policy", NITRO),
    /** The signed time lies in the verifier's future by more than the clock skew. */
    NITRO_TIMESTAMP_FUTURE(Aspect.FRESHNESS, "policy", NITRO),

    // ---- evidence in certificates
    /** The certificate carries no evidence that is understood. */
    CERTIFICATE_WITHOUT_EVIDENCE(Aspect.AUTHENTICITY, "TCG DICE attestation architecture 6.1.5"),
    /** The extension with the evidence does not parse. */
    CERTIFICATE_EVIDENCE_MALFORMED(Aspect.AUTHENTICITY, "CCC interoperable RA-TLS"),
    /** The evidence is not bound to the certificate's key, or to the claims beside it. */
    KEY_BINDING(Aspect.APPRAISAL, "CCC interoperable RA-TLS");

    /** Which of the three parts of a result a check belongs to. */
    public enum Aspect {
        /** Who signed: encoding, signatures, chains, revocation. */
        AUTHENTICITY,
        /** When: windows, nonce, age. */
        FRESHNESS,
        /** What: measurements, TCB, debug, report data. */
        APPRAISAL
    }

    private final Aspect aspect;
    private final String source;
    private final Set<EvidenceFormat> formats;

    RejectionReason(Aspect aspect, String source, EvidenceFormat... formats) {
        this.aspect = aspect;
        this.source = source;
        EnumSet<EvidenceFormat> set =
                formats.length == 0 ? EnumSet.allOf(EvidenceFormat.class) : EnumSet.noneOf(EvidenceFormat.class);
        Collections.addAll(set, formats);
        this.formats = Collections.unmodifiableSet(set);
    }

    /**
     * Which part of a result the check belongs to.
     *
     * @return the aspect
     */
    public Aspect aspect() {
        return aspect;
    }

    /**
     * The specification that the check follows.
     *
     * @return document and section
     */
    public String source() {
        return source;
    }

    /**
     * The formats that the check applies to.
     *
     * @return an unmodifiable set
     */
    public Set<EvidenceFormat> formats() {
        return formats;
    }
}
