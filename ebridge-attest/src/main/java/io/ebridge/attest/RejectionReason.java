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
    /** The evidence is of another format than the policy: an error of the caller or the peer. */
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
    CRL_MISSING(Aspect.AUTHENTICITY, "RFC 5280 6.3.3", SGX, TDX, SNP),
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
    /** The nonce, in a Nitro document or among a certificate's claims, is absent or not what was expected. */
    NONCE_MISMATCH(Aspect.FRESHNESS, "policy"),
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

    // ---- Intel quotes: the PCK certificate (Intel SGX PCK Certificate and CRL Profile; quote verification 4.1.2.4)
    /** The quote carries no PCK chain (certification data 1 to 3), and none was supplied. */
    PCK_CHAIN_MISSING(Aspect.AUTHENTICITY, "Intel quote format, certification data", SGX, TDX),
    /** The certificates of the PCK chain are not in the order leaf, CA, root. */
    PCK_CHAIN_ORDER(Aspect.AUTHENTICITY, "Intel quote format, certification data", SGX, TDX),
    /** A certificate of the PCK chain has another name than the profile demands (quote verification 4.1.2.4.4). */
    PCK_CERTIFICATE_NAME(Aspect.AUTHENTICITY, "Intel PCK certificate profile", SGX, TDX),
    /** The SGX extension of the PCK certificate is missing, incomplete, or has a member twice (PCK profile 1.3.5). */
    PCK_EXTENSION_MALFORMED(Aspect.AUTHENTICITY, "Intel PCK certificate profile", SGX, TDX),

    // ---- Intel quotes: signatures
    /** The quoting enclave's report is not signed by the PCK key (quote verification 4.1.2.4.12). */
    QE_REPORT_SIGNATURE(Aspect.AUTHENTICITY, "Intel quote verification 4.1.2.4.12", SGX, TDX),
    /**
     * The quoting enclave's report data is not SHA-256 of attestation key and authentication data, then 32 zero bytes (quote
     * verification 4.1.2.4.13).
     */
    QE_REPORT_DATA(Aspect.AUTHENTICITY, "Intel quote verification 4.1.2.4.13", SGX, TDX),
    /** The quoting enclave can be debugged, so that its key may be known. */
    QE_DEBUG(Aspect.AUTHENTICITY, "Intel SDM, enclave attributes", SGX, TDX),
    /** The attestation key is no point of P-256. */
    ATTESTATION_KEY_INVALID(Aspect.AUTHENTICITY, "Intel quote format, attestation key", SGX, TDX),
    /** The quote is not signed by the attestation key (quote verification 4.1.2.4.16). */
    QUOTE_SIGNATURE(Aspect.AUTHENTICITY, "Intel quote verification 4.1.2.4.16", SGX, TDX),

    // ---- Intel quotes: identity of the quoting enclave (PCS API version 4, enclave identity)
    /** The QE identity that is demanded is not at hand. */
    QE_IDENTITY_MISSING(Aspect.AUTHENTICITY, "Intel PCS API v4, QE identity", SGX, TDX),
    /** The QE identity does not parse, or has a date that does not exist. */
    QE_IDENTITY_MALFORMED(Aspect.AUTHENTICITY, "Intel PCS API v4, QE identity", SGX, TDX),
    /** The QE identity is of another version than 2. */
    QE_IDENTITY_VERSION(Aspect.AUTHENTICITY, "Intel PCS API v4, QE identity", SGX, TDX),
    /** The signer of the QE identity is not Intel's TCB signing certificate, or is under another root than the PCK certificate. */
    QE_IDENTITY_SIGNER(Aspect.AUTHENTICITY, "Intel PCS API v4, issuer chain", SGX, TDX),
    /** The signature over the exact bytes of the QE identity does not verify. */
    QE_IDENTITY_SIGNATURE(Aspect.AUTHENTICITY, "Intel PCS API v4, QE identity", SGX, TDX),
    /** The QE identity's next update has passed. */
    QE_IDENTITY_EXPIRED(Aspect.FRESHNESS, "Intel PCS API v4, QE identity", SGX, TDX),
    /** The QE identity was issued in the future. */
    QE_IDENTITY_NOT_YET_VALID(Aspect.FRESHNESS, "Intel PCS API v4, QE identity", SGX, TDX),
    /** The QE identity is for another enclave: {@code QE} for SGX, {@code TD_QE} for TDX (4.1.2.4.14). */
    QE_IDENTITY_ID(Aspect.AUTHENTICITY, "Intel quote verification 4.1.2.4.14", SGX, TDX),
    /** MISCSELECT of the quoting enclave differs under its mask (4.1.2.9.5). */
    QE_MISCSELECT(Aspect.AUTHENTICITY, "Intel enclave report verification 4.1.2.9.5", SGX, TDX),
    /** Attributes of the quoting enclave, all 16 bytes, differ under their mask (4.1.2.9.6). */
    QE_ATTRIBUTES(Aspect.AUTHENTICITY, "Intel enclave report verification 4.1.2.9.6", SGX, TDX),
    /** The quoting enclave has another signer (4.1.2.9.7). */
    QE_MRSIGNER(Aspect.AUTHENTICITY, "Intel enclave report verification 4.1.2.9.7", SGX, TDX),
    /** The quoting enclave is another product of its signer (4.1.2.9.8). */
    QE_ISVPRODID(Aspect.AUTHENTICITY, "Intel enclave report verification 4.1.2.9.8", SGX, TDX),

    // ---- Intel quotes: TCB info (PCS API version 4)
    /** The TCB info that is demanded is not at hand. */
    TCB_INFO_MISSING(Aspect.AUTHENTICITY, "Intel PCS API v4, TCB info", SGX, TDX),
    /** The TCB info does not parse, or has a date that does not exist. */
    TCB_INFO_MALFORMED(Aspect.AUTHENTICITY, "Intel PCS API v4, TCB info", SGX, TDX),
    /** The TCB info is of another version than 3 (2 where the strictness allows it). */
    TCB_INFO_VERSION(Aspect.AUTHENTICITY, "Intel PCS API v4, TCB info", SGX, TDX),
    /** The signer of the TCB info is not Intel's TCB signing certificate, or is under another root than the PCK certificate. */
    TCB_INFO_SIGNER(Aspect.AUTHENTICITY, "Intel PCS API v4, issuer chain", SGX, TDX),
    /** The signature over the exact bytes of the TCB info does not verify. */
    TCB_INFO_SIGNATURE(Aspect.AUTHENTICITY, "Intel PCS API v4, TCB info", SGX, TDX),
    /** The TCB info's next update has passed. */
    TCB_INFO_EXPIRED(Aspect.FRESHNESS, "Intel PCS API v4, TCB info", SGX, TDX),
    /** The TCB info was issued in the future. */
    TCB_INFO_NOT_YET_VALID(Aspect.FRESHNESS, "Intel PCS API v4, TCB info", SGX, TDX),
    /** The TCB info is for the other kind of TEE (4.1.2.4.9). */
    TCB_INFO_ID(Aspect.AUTHENTICITY, "Intel quote verification 4.1.2.4.9", SGX, TDX),
    /** The TCB info is for another FMSPC than the PCK certificate's (4.1.2.4.10). */
    TCB_INFO_FMSPC(Aspect.AUTHENTICITY, "Intel quote verification 4.1.2.4.10", SGX, TDX),
    /** The TCB info is for another PCE id than the PCK certificate's (4.1.2.4.10). */
    TCB_INFO_PCEID(Aspect.AUTHENTICITY, "Intel quote verification 4.1.2.4.10", SGX, TDX),
    /** The TCB info has no identity for the TD's module version (4.1.2.4.11). */
    TDX_MODULE_UNKNOWN(Aspect.AUTHENTICITY, "Intel quote verification 4.1.2.4.11", TDX),
    /** The TDX module has another signer (4.1.2.4.11.1). */
    TDX_MODULE_SIGNER(Aspect.AUTHENTICITY, "Intel quote verification 4.1.2.4.11", TDX),
    /** SEAM attributes of the TDX module differ under their mask, or are not zero where it is open (4.1.2.4.11.2). */
    TDX_MODULE_ATTRIBUTES(Aspect.AUTHENTICITY, "Intel quote verification 4.1.2.4.11", TDX),

    // ---- Intel: TCB evaluation data numbers (PCS API version 4)
    /** The TCB evaluation data numbers do not parse. */
    TCB_EVAL_NUMBERS_MALFORMED(Aspect.AUTHENTICITY, "Intel PCS API v4, evaluation data numbers", SGX, TDX),
    /** The signer of the TCB evaluation data numbers is not Intel's TCB signing certificate. */
    TCB_EVAL_NUMBERS_SIGNER(Aspect.AUTHENTICITY, "Intel PCS API v4, issuer chain", SGX, TDX),
    /** The signature over the exact bytes of the TCB evaluation data numbers does not verify. */
    TCB_EVAL_NUMBERS_SIGNATURE(Aspect.AUTHENTICITY, "Intel PCS API v4, evaluation data numbers", SGX, TDX),
    /** The next update of the TCB evaluation data numbers has passed. */
    TCB_EVAL_NUMBERS_EXPIRED(Aspect.FRESHNESS, "Intel PCS API v4, evaluation data numbers", SGX, TDX),
    /** The TCB evaluation data numbers were issued in the future. */
    TCB_EVAL_NUMBERS_NOT_YET_VALID(Aspect.FRESHNESS, "Intel PCS API v4, evaluation data numbers", SGX, TDX),

    // ---- Intel: appraisal of the platform (TcbPolicy)
    /** The platform, TDX module or quoting enclave is older than every level in its document. */
    TCB_NOT_SUPPORTED(Aspect.APPRAISAL, "Intel quote verification 4.1.2.4.17", SGX, TDX),
    /** Intel no longer trusts the platform, TDX module or quoting enclave at this level. */
    TCB_REVOKED(Aspect.APPRAISAL, "Intel quote verification 4.1.2.4.17", SGX, TDX),
    /** An update is missing, and no grace covers it. */
    TCB_OUT_OF_DATE(Aspect.APPRAISAL, "Intel quote verification 4.1.2.4.17", SGX, TDX),
    /** The platform's configuration may leave advisories open, and the policy does not accept that. */
    TCB_CONFIGURATION_NEEDED(Aspect.APPRAISAL, "Intel quote verification 4.1.2.4.17", SGX, TDX),
    /** The software needs hardening, and the policy does not accept that. */
    TCB_SW_HARDENING_NEEDED(Aspect.APPRAISAL, "Intel quote verification 4.1.2.4.17", SGX, TDX),
    /** The TD should be relaunched under the updated TDX module, and the policy does not accept that. */
    TCB_RELAUNCH_ADVISED(Aspect.APPRAISAL, "Intel quote verification 4.1.2.4.17.4.3", TDX),
    /** An open advisory is not among those that the policy names. */
    TCB_ADVISORY(Aspect.APPRAISAL, "policy", SGX, TDX),
    /** TCB info or QE identity is of an earlier TCB recovery than the policy demands. */
    TCB_EVALUATION_NUMBER(Aspect.APPRAISAL, "policy", SGX, TDX),
    /** Collateral was issued longer ago than the policy accepts. */
    COLLATERAL_TOO_OLD(Aspect.FRESHNESS, "policy", SGX, TDX),
    /** The PCK certificate's platform flags or kind of memory protection are not what the policy demands. */
    PLATFORM_FLAGS(Aspect.APPRAISAL, "Intel PCK certificate profile", SGX, TDX),

    // ---- SGX and TDX: appraisal of the enclave
    /** The enclave was not initialised. */
    SGX_NOT_INITIALIZED(Aspect.APPRAISAL, "Intel SDM, enclave attributes", SGX),
    /** Reserved attributes of the TD are set. */
    TDX_ATTRIBUTES_RESERVED(Aspect.APPRAISAL, "Intel TDX module ABI, ATTRIBUTES", TDX),
    /** SEPT_VE_DISABLE is not set: the host can inject faults. */
    TDX_SEPT_VE(Aspect.APPRAISAL, "Intel TDX module ABI, ATTRIBUTES", TDX),
    /** An attribute of the TD is set that the policy does not allow. */
    TDX_ATTRIBUTE_NOT_ALLOWED(Aspect.APPRAISAL, "Intel TDX module ABI, ATTRIBUTES", TDX),
    /** A feature is enabled in XFAM that the policy does not allow, or one is missing that every TD has. */
    TDX_XFAM(Aspect.APPRAISAL, "Intel TDX module ABI, XFAM", TDX),
    /** The TD is bound to a service TD that the policy does not allow. */
    TDX_SERVICE_TD(Aspect.APPRAISAL, "Intel TDX module ABI, MRSERVICETD", TDX),

    // ---- SEV-SNP: authenticity (AMD 56860, SEV-SNP firmware ABI; AMD 57230, VCEK certificate and KDS interface)
    /** A field that must be zero is not, or reserved bits of guest policy, key information or a TCB version are set (ATTESTATION_REPORT). */
    SNP_RESERVED(Aspect.AUTHENTICITY, "AMD 56860 ATTESTATION_REPORT", SNP),
    /** The host asked for the report, not the guest: its VMPL is none that a guest has (SNP_HV_REPORT_REQ). */
    SNP_HOST_REPORT(Aspect.AUTHENTICITY, "AMD 56860 SNP_HV_REPORT_REQ", SNP),
    /** The signature algorithm is not 1, ECDSA P-384 with SHA-384 ("Signing algorithms"). */
    SNP_SIGNATURE_ALGORITHM(Aspect.AUTHENTICITY, "AMD 56860 signing algorithms", SNP),
    /** The report says that no key signed it, or names a kind of key that does not exist (ATTESTATION_REPORT, SIGNING_KEY). */
    SNP_NOT_SIGNED(Aspect.AUTHENTICITY, "AMD 56860 ATTESTATION_REPORT", SNP),
    /** The certificate of the endorsement key, or of its issuer or root, is not at hand. */
    SNP_ENDORSEMENT_MISSING(Aspect.AUTHENTICITY, "AMD 57230 4", SNP),
    /** The certificate is for the other kind of endorsement key than signed the report: VCEK or VLEK. */
    SNP_ENDORSEMENT_TYPE(Aspect.AUTHENTICITY, "AMD 57230 3", SNP),
    /** The endorsement key's certificate lacks an extension, or one does not parse. */
    SNP_ENDORSEMENT_EXTENSIONS(Aspect.AUTHENTICITY, "AMD 57230 3.1", SNP),
    /** The product is not known, or report, certificate and issuers do not agree on it. */
    SNP_PRODUCT(Aspect.AUTHENTICITY, "AMD 57230 3.1", SNP),
    /** The report's signature does not verify with the endorsement key. */
    SNP_SIGNATURE(Aspect.AUTHENTICITY, "AMD 56860 ATTESTATION_REPORT", SNP),
    /** The endorsement key belongs to another chip than the report names, or that is masked. */
    SNP_CHIP_ID_MISMATCH(Aspect.AUTHENTICITY, "AMD 57230 3.1", SNP),
    /** The endorsement key was derived for another TCB than the report states. */
    SNP_TCB_MISMATCH(Aspect.AUTHENTICITY, "AMD 57230 3.1", SNP),
    /** The reported, committed or launch TCB, or the committed firmware, is above the current one. */
    SNP_TCB_ORDER(Aspect.AUTHENTICITY, "AMD 56860 TCB versions", SNP),

    // ---- SEV-SNP: appraisal
    /** The guest may be given a migration agent (guest policy, MIGRATE_MA). */
    SNP_MIGRATION_AGENT(Aspect.APPRAISAL, "AMD 56860 guest policy", SNP),
    /** The product is not among those allowed. */
    SNP_PRODUCT_NOT_ALLOWED(Aspect.APPRAISAL, "policy", SNP),
    /** A cloud provider's key signed, and that provider is not among those allowed. */
    SNP_CSP_ID(Aspect.APPRAISAL, "policy", SNP),
    /** The chip is not among those allowed. */
    SNP_CHIP_NOT_ALLOWED(Aspect.APPRAISAL, "policy", SNP),
    /** The report was asked for at a privilege level that is not allowed. */
    SNP_VMPL(Aspect.APPRAISAL, "policy", SNP),
    /** Guest policy or platform do not show a feature that is required. */
    SNP_FEATURE(Aspect.APPRAISAL, "AMD 56860 guest policy, PLATFORM_INFO", SNP),
    /** The platform runs firmware to which it has not committed: its host can go back to an older one. */
    SNP_PROVISIONAL_FIRMWARE(Aspect.APPRAISAL, "AMD 56860 SNP_COMMIT", SNP),
    /** A component of the reported TCB is below the minimum. */
    SNP_TCB_TOO_OLD(Aspect.APPRAISAL, "policy", SNP),
    /** A component of the TCB at launch is below the minimum. */
    SNP_LAUNCH_TCB_TOO_OLD(Aspect.APPRAISAL, "policy", SNP),
    /** The committed firmware is below the minimum. */
    SNP_FIRMWARE_TOO_OLD(Aspect.APPRAISAL, "policy", SNP),
    /** A mitigation that is required was not verified at launch or is not now. */
    SNP_MITIGATION_MISSING(Aspect.APPRAISAL, "AMD 56860 ATTESTATION_REPORT", SNP),
    /** The measurement matches, the ID key does not. */
    SNP_ID_KEY_MISMATCH(Aspect.APPRAISAL, "policy", SNP),
    /** What comes before matches, the author key does not. */
    SNP_AUTHOR_KEY_MISMATCH(Aspect.APPRAISAL, "policy", SNP),
    /** What comes before matches, family or image do not. */
    SNP_IMAGE_MISMATCH(Aspect.APPRAISAL, "policy", SNP),
    /** What comes before matches, and the guest's security version is below the minimum. */
    SNP_GUEST_SVN_TOO_LOW(Aspect.APPRAISAL, "policy", SNP),
    /** What comes before matches, the host data does not. */
    SNP_HOST_DATA_MISMATCH(Aspect.APPRAISAL, "policy", SNP),

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
