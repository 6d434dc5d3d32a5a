package io.ebridge.testkit.attest;

import static io.ebridge.attest.CertificateEvidence.Scheme.GRAMINE_LEGACY;
import static io.ebridge.attest.CertificateEvidence.Scheme.INTEL_2018;
import static io.ebridge.attest.CertificateEvidence.Scheme.NITRO_USER_DATA;
import static io.ebridge.attest.CertificateEvidence.Scheme.TCG_DICE;
import static io.ebridge.attest.EvidenceFormat.NITRO;
import static io.ebridge.attest.EvidenceFormat.SGX;
import static io.ebridge.attest.EvidenceFormat.SNP;
import static io.ebridge.attest.EvidenceFormat.TDX;

import io.ebridge.attest.CertificateEvidence.Scheme;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.RejectionReason;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * The ways in which a {@link FakeQuotingEnclave} can be wrong: one for each check of the verifier, several where a check covers several places.
 *
 * <p>Guarantees: evidence and collateral with one defect are right in every other respect that the order of the checks lets one see, and the verifier
 * rejects them for {@link #reason()} under {@link FakeQuotingEnclave#strictPolicy()} with the report data, nonce and key that were asked for. Two defects
 * at once are rejected for one of the two. New constants may be added; old ones keep their meaning.
 */
public enum Defect {
    // ---- any format
    /** Evidence that says it is of another format. */
    ANOTHER_FORMAT(RejectionReason.FORMAT_MISMATCH, NITRO, SGX, TDX, SNP),
    /** Evidence that ends too early. */
    TRUNCATED(RejectionReason.MALFORMED, NITRO, SGX, TDX, SNP),
    /** A byte other than zero after the end of the evidence. */
    TRAILING_BYTE(RejectionReason.TRAILING_DATA, NITRO, SGX, TDX),
    /** Other report data than was asked for. */
    WRONG_REPORT_DATA(RejectionReason.REPORT_DATA_MISMATCH, NITRO, SGX, TDX, SNP),

    /** The collateral source cannot be asked. */
    COLLATERAL_SOURCE_DOWN(RejectionReason.COLLATERAL_UNAVAILABLE, SGX, TDX, SNP),

    // ---- Nitro
    /** A document of more than 20 KiB. */
    NITRO_DOCUMENT_TOO_LONG(RejectionReason.NITRO_SIZE, NITRO),
    /** A payload of more than 16 KiB in a document of less than 20 KiB. */
    NITRO_PAYLOAD_TOO_LONG(RejectionReason.NITRO_SIZE, NITRO),
    /** A signed payload that lacks its last byte. */
    NITRO_PAYLOAD_TRUNCATED(RejectionReason.MALFORMED, NITRO),
    /** A signed payload with a byte after its map. */
    NITRO_PAYLOAD_TRAILING_BYTE(RejectionReason.TRAILING_DATA, NITRO),
    /** Tag 17 (COSE_Mac0) instead of 18 or none. */
    NITRO_WRONG_TAG(RejectionReason.NITRO_COSE_STRUCTURE, NITRO),
    /** An array of five parts instead of four. */
    NITRO_FIVE_PARTS(RejectionReason.NITRO_COSE_STRUCTURE, NITRO),
    /** A protected header that says ES256. */
    NITRO_WRONG_ALGORITHM(RejectionReason.NITRO_ALGORITHM, NITRO),
    /** A protected header that says ES384 as text. */
    NITRO_TEXT_ALGORITHM(RejectionReason.NITRO_ALGORITHM, NITRO),
    /** A protected header with a critical list beside the algorithm. */
    NITRO_EXTRA_PROTECTED_HEADER(RejectionReason.NITRO_ALGORITHM, NITRO),
    /** An unprotected header with something in it. */
    NITRO_UNPROTECTED_HEADER(RejectionReason.NITRO_UNPROTECTED_HEADER, NITRO),
    /** The payload has {@code nonce} twice. */
    NITRO_DUPLICATE_KEY(RejectionReason.NITRO_DUPLICATE_KEY, NITRO),
    /** PCR0 is there twice, with one value. */
    NITRO_DUPLICATE_PCR(RejectionReason.NITRO_DUPLICATE_KEY, NITRO),
    /** There is no {@code module_id}. */
    NITRO_NO_MODULE_ID(RejectionReason.NITRO_FIELD_MISSING, NITRO),
    /** There is no {@code digest}. */
    NITRO_NO_DIGEST(RejectionReason.NITRO_FIELD_MISSING, NITRO),
    /** There is no {@code timestamp}. */
    NITRO_NO_TIMESTAMP(RejectionReason.NITRO_FIELD_MISSING, NITRO),
    /** There are no {@code pcrs}. */
    NITRO_NO_PCRS(RejectionReason.NITRO_FIELD_MISSING, NITRO),
    /** There is no {@code certificate}. */
    NITRO_NO_CERTIFICATE(RejectionReason.NITRO_FIELD_MISSING, NITRO),
    /** There is no {@code cabundle}. */
    NITRO_NO_CABUNDLE(RejectionReason.NITRO_FIELD_MISSING, NITRO),
    /** An empty {@code module_id}. */
    NITRO_EMPTY_MODULE_ID(RejectionReason.NITRO_FIELD_INVALID, NITRO),
    /** A {@code timestamp} of zero. */
    NITRO_ZERO_TIMESTAMP(RejectionReason.NITRO_FIELD_INVALID, NITRO),
    /** A {@code timestamp} that is text. */
    NITRO_TEXT_TIMESTAMP(RejectionReason.NITRO_FIELD_INVALID, NITRO),
    /** A {@code certificate} that is null. */
    NITRO_NULL_CERTIFICATE(RejectionReason.NITRO_FIELD_INVALID, NITRO),
    /** An empty {@code cabundle}. */
    NITRO_EMPTY_CABUNDLE(RejectionReason.NITRO_FIELD_INVALID, NITRO),
    /** A {@code user_data} of 1025 bytes. */
    NITRO_LONG_USER_DATA(RejectionReason.NITRO_FIELD_INVALID, NITRO),
    /** A {@code digest} of SHA256. */
    NITRO_WRONG_DIGEST(RejectionReason.NITRO_DIGEST, NITRO),
    /** A PCR with index 32. */
    NITRO_PCR_32(RejectionReason.NITRO_PCR_INVALID, NITRO),
    /** A PCR of 32 bytes. */
    NITRO_SHORT_PCR(RejectionReason.NITRO_PCR_INVALID, NITRO),
    /** An empty map of PCRs. */
    NITRO_EMPTY_PCRS(RejectionReason.NITRO_PCR_INVALID, NITRO),
    /** The document's signature is wrong by one bit. */
    NITRO_SIGNATURE_BROKEN(RejectionReason.NITRO_SIGNATURE, NITRO),
    /** The document is signed with a key other than the leaf's. */
    NITRO_SIGNED_BY_STRANGER(RejectionReason.NITRO_SIGNATURE, NITRO),
    /** The module id was changed after signing. */
    NITRO_CHANGED_AFTER_SIGNING(RejectionReason.NITRO_SIGNATURE, NITRO),
    /** The signed time lies five seconds before the leaf certificate starts. */
    NITRO_TIMESTAMP_OUTSIDE_CERTIFICATE(RejectionReason.NITRO_TIMESTAMP_OUTSIDE_CERTIFICATE, NITRO),
    /** The signed time lies half an hour back. */
    NITRO_TIMESTAMP_STALE(RejectionReason.NITRO_TIMESTAMP_STALE, NITRO),
    /** The signed time lies half an hour ahead. */
    NITRO_TIMESTAMP_FUTURE(RejectionReason.NITRO_TIMESTAMP_FUTURE, NITRO),
    /** The leaf certificate ended two seconds ago. */
    NITRO_LEAF_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, NITRO),
    /** The instance CA certificate ended two seconds ago. */
    NITRO_INSTANCE_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, NITRO),
    /** The zonal CA certificate ended two seconds ago. */
    NITRO_ZONAL_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, NITRO),
    /** The regional CA certificate ended two seconds ago. */
    NITRO_REGIONAL_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, NITRO),
    /** The root certificate ended two seconds ago. */
    NITRO_ROOT_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, NITRO),
    /** The leaf certificate starts in ten minutes. */
    NITRO_LEAF_NOT_YET_VALID(RejectionReason.CERTIFICATE_NOT_YET_VALID, NITRO),
    /** The instance CA certificate starts in ten minutes. */
    NITRO_INSTANCE_NOT_YET_VALID(RejectionReason.CERTIFICATE_NOT_YET_VALID, NITRO),
    /** The zonal CA certificate starts in ten minutes. */
    NITRO_ZONAL_NOT_YET_VALID(RejectionReason.CERTIFICATE_NOT_YET_VALID, NITRO),
    /** The regional CA certificate starts in ten minutes. */
    NITRO_REGIONAL_NOT_YET_VALID(RejectionReason.CERTIFICATE_NOT_YET_VALID, NITRO),
    /** The signature on the leaf certificate is wrong by one bit. */
    NITRO_LEAF_SIGNATURE(RejectionReason.CHAIN_SIGNATURE, NITRO),
    /** The signature on the instance CA certificate is wrong by one bit. */
    NITRO_INSTANCE_SIGNATURE(RejectionReason.CHAIN_SIGNATURE, NITRO),
    /** The signature on the zonal CA certificate is wrong by one bit. */
    NITRO_ZONAL_SIGNATURE(RejectionReason.CHAIN_SIGNATURE, NITRO),
    /** The signature on the regional CA certificate is wrong by one bit. */
    NITRO_REGIONAL_SIGNATURE(RejectionReason.CHAIN_SIGNATURE, NITRO),
    /** The leaf certificate names another issuer. */
    NITRO_LEAF_ISSUER_NAME(RejectionReason.CHAIN_ISSUER_NAME, NITRO),
    /** The regional CA certificate names another issuer. */
    NITRO_REGIONAL_ISSUER_NAME(RejectionReason.CHAIN_ISSUER_NAME, NITRO),
    /** The root has the anchor's key and another name. */
    NITRO_ROOT_NAME(RejectionReason.UNKNOWN_ROOT, NITRO),
    /** The root has the anchor's name and another key, and signed all below it. */
    NITRO_ROOT_KEY(RejectionReason.UNKNOWN_ROOT, NITRO),
    /** The certificate bundle starts with the regional CA. */
    NITRO_ROOT_ABSENT(RejectionReason.UNKNOWN_ROOT, NITRO),
    /** The certificate bundle runs from instance CA to root. */
    NITRO_CABUNDLE_REVERSED(RejectionReason.UNKNOWN_ROOT, NITRO),
    /** The certificate bundle lacks the zonal CA. */
    NITRO_ZONAL_ABSENT(RejectionReason.CHAIN_ISSUER_NAME, NITRO),
    /** The certificate bundle has the root twice. */
    NITRO_ROOT_TWICE(RejectionReason.CHAIN_LENGTH, NITRO),
    /** The certificate bundle has 17 certificates. */
    NITRO_CHAIN_TOO_LONG(RejectionReason.NITRO_FIELD_INVALID, NITRO),
    /** The leaf certificate is no DER. */
    NITRO_CERTIFICATE_MALFORMED(RejectionReason.CERTIFICATE_MALFORMED, NITRO),
    /** The instance CA is no CA. */
    NITRO_INSTANCE_NO_CA(RejectionReason.CHAIN_BASIC_CONSTRAINTS, NITRO),
    /** The leaf is a CA. */
    NITRO_LEAF_IS_CA(RejectionReason.CHAIN_BASIC_CONSTRAINTS, NITRO),
    /** The instance CA may not sign certificates. */
    NITRO_INSTANCE_KEY_USAGE(RejectionReason.CHAIN_KEY_USAGE, NITRO),
    /** The leaf may not sign. */
    NITRO_LEAF_KEY_USAGE(RejectionReason.CHAIN_KEY_USAGE, NITRO),
    /** The zonal CA allows no CA below it. */
    NITRO_ZONAL_PATH_LENGTH(RejectionReason.CHAIN_PATH_LENGTH, NITRO),
    /** The leaf has a critical extension that nobody understands. */
    NITRO_LEAF_CRITICAL_EXTENSION(RejectionReason.CHAIN_CRITICAL_EXTENSION, NITRO),
    /** The leaf has a key on P-256. */
    NITRO_LEAF_KEY_ON_P256(RejectionReason.CHAIN_ALGORITHM, NITRO),
    /** The regional CA is on a CRL of the root, which comes as collateral. */
    NITRO_REGIONAL_REVOKED(RejectionReason.CERTIFICATE_REVOKED, NITRO),
    /** PCR0, PCR1 and PCR2 are zero. */
    NITRO_DEBUG(RejectionReason.DEBUG, NITRO),
    /** Another PCR0. */
    NITRO_OTHER_IMAGE(RejectionReason.MEASUREMENT_MISMATCH, NITRO),
    /** Another PCR8. */
    NITRO_OTHER_SIGNER(RejectionReason.MEASUREMENT_MISMATCH, NITRO),
    /** Another nonce than the one asked for. */
    NITRO_WRONG_NONCE(RejectionReason.NONCE_MISMATCH, NITRO),
    /** No nonce. */
    NITRO_NO_NONCE(RejectionReason.NONCE_MISMATCH, NITRO),
    /** The hash of another public key. */
    NITRO_SWAPPED_KEY(RejectionReason.PUBLIC_KEY_MISMATCH, NITRO),

    // ---- SGX and TDX
    /** A quote of version 6. */
    QUOTE_VERSION_6(RejectionReason.UNSUPPORTED_VERSION, SGX, TDX),
    /** An attestation key of type 3, ECDSA on P-384. */
    QUOTE_KEY_TYPE(RejectionReason.UNSUPPORTED_VERSION, SGX, TDX),
    /** A quoting enclave of another vendor than Intel. */
    QUOTE_VENDOR(RejectionReason.UNSUPPORTED_VERSION, SGX, TDX),
    /** Signature data that is declared longer than the quote. */
    QUOTE_LENGTH(RejectionReason.MALFORMED, SGX, TDX),
    /** A reserved field of the quoting enclave's report is not zero. */
    QE_REPORT_RESERVED(RejectionReason.MALFORMED, SGX, TDX),
    /** A reserved field of the enclave's report is not zero. */
    SGX_REPORT_RESERVED(RejectionReason.MALFORMED, SGX),
    /** Certification data of a type that does not exist. */
    QUOTE_CERTIFICATION_TYPE(RejectionReason.MALFORMED, SGX, TDX),
    /** The quote's signature is wrong by one bit. */
    QUOTE_SIGNATURE_BROKEN(RejectionReason.QUOTE_SIGNATURE, SGX, TDX),
    /** The quote is signed with a key other than the attestation key in it. */
    QUOTE_SIGNED_BY_STRANGER(RejectionReason.QUOTE_SIGNATURE, SGX, TDX),
    /** The header was changed after signing. */
    QUOTE_CHANGED_AFTER_SIGNING(RejectionReason.QUOTE_SIGNATURE, SGX, TDX),
    /** The attestation key is no point of P-256. */
    ATTESTATION_KEY_OFF_CURVE(RejectionReason.ATTESTATION_KEY_INVALID, SGX, TDX),
    /** The quoting enclave vouches for another attestation key. */
    ATTESTATION_KEY_SWAPPED(RejectionReason.QE_REPORT_DATA, SGX, TDX),
    /** The second half of the quoting enclave's report data is not zero. */
    QE_REPORT_DATA_TAIL(RejectionReason.QE_REPORT_DATA, SGX, TDX),
    /** The signature on the quoting enclave's report is wrong by one bit. */
    QE_REPORT_SIGNATURE_BROKEN(RejectionReason.QE_REPORT_SIGNATURE, SGX, TDX),
    /** The quoting enclave's report is signed with a key other than the PCK. */
    QE_REPORT_SIGNED_BY_STRANGER(RejectionReason.QE_REPORT_SIGNATURE, SGX, TDX),
    /** The quoting enclave can be debugged, and the identity does not look at that bit. */
    QE_DEBUG(RejectionReason.QE_DEBUG, SGX, TDX),
    /** MISCSELECT of the quoting enclave differs. */
    QE_MISCSELECT(RejectionReason.QE_MISCSELECT, SGX, TDX),
    /** A flag in the first half of the attributes of the quoting enclave differs. */
    QE_FLAGS(RejectionReason.QE_ATTRIBUTES, SGX, TDX),
    /** A bit in the second half of the attributes of the quoting enclave differs. */
    QE_XFRM(RejectionReason.QE_ATTRIBUTES, SGX, TDX),
    /** The quoting enclave has another signer. */
    QE_MRSIGNER(RejectionReason.QE_MRSIGNER, SGX, TDX),
    /** The quoting enclave is another product. */
    QE_ISVPRODID(RejectionReason.QE_ISVPRODID, SGX, TDX),
    /** The PCK certificate ended two seconds ago. */
    PCK_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, SGX, TDX),
    /** The PCK CA certificate ended two seconds ago. */
    PCK_CA_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, SGX, TDX),
    /** The TCB signing certificate ended two seconds ago. */
    TCB_SIGNING_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, SGX, TDX),
    /** The root certificate ended two seconds ago. */
    INTEL_ROOT_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, SGX, TDX),
    /** The PCK certificate starts in ten minutes. */
    PCK_NOT_YET_VALID(RejectionReason.CERTIFICATE_NOT_YET_VALID, SGX, TDX),
    /** The PCK CA certificate starts in ten minutes. */
    PCK_CA_NOT_YET_VALID(RejectionReason.CERTIFICATE_NOT_YET_VALID, SGX, TDX),
    /** The TCB signing certificate starts in ten minutes. */
    TCB_SIGNING_NOT_YET_VALID(RejectionReason.CERTIFICATE_NOT_YET_VALID, SGX, TDX),
    /** The signature on the PCK certificate is wrong by one bit. */
    PCK_CERTIFICATE_SIGNATURE(RejectionReason.CHAIN_SIGNATURE, SGX, TDX),
    /** The signature on the PCK CA certificate is wrong by one bit. */
    PCK_CA_SIGNATURE(RejectionReason.CHAIN_SIGNATURE, SGX, TDX),
    /** The signature on the TCB signing certificate is wrong by one bit. */
    TCB_SIGNING_SIGNATURE(RejectionReason.CHAIN_SIGNATURE, SGX, TDX),
    /** The PCK certificate names another issuer. */
    PCK_ISSUER_NAME(RejectionReason.CHAIN_ISSUER_NAME, SGX, TDX),
    /** The PCK certificate has another name. */
    PCK_CERTIFICATE_NAME(RejectionReason.PCK_CERTIFICATE_NAME, SGX, TDX),
    /** The PCK CA has another name, which the PCK certificate also names as its issuer. */
    PCK_CA_NAME(RejectionReason.PCK_CERTIFICATE_NAME, SGX, TDX),
    /** The root has the anchor's key and another name. */
    INTEL_ROOT_NAME(RejectionReason.UNKNOWN_ROOT, SGX, TDX),
    /** The root has the anchor's name and another key, and signed all below it. */
    INTEL_ROOT_KEY(RejectionReason.UNKNOWN_ROOT, SGX, TDX),
    /** The PCK CA is no CA. */
    PCK_CA_NO_CA(RejectionReason.CHAIN_BASIC_CONSTRAINTS, SGX, TDX),
    /** The PCK certificate is a CA. */
    PCK_IS_CA(RejectionReason.CHAIN_BASIC_CONSTRAINTS, SGX, TDX),
    /** The PCK CA may not sign certificates. */
    PCK_CA_KEY_USAGE(RejectionReason.CHAIN_KEY_USAGE, SGX, TDX),
    /** The PCK certificate may not sign. */
    PCK_KEY_USAGE(RejectionReason.CHAIN_KEY_USAGE, SGX, TDX),
    /** The PCK certificate has a critical extension that nobody understands. */
    PCK_CRITICAL_EXTENSION(RejectionReason.CHAIN_CRITICAL_EXTENSION, SGX, TDX),
    /** The PCK is a key on P-384. */
    PCK_KEY_ON_P384(RejectionReason.CHAIN_ALGORITHM, SGX, TDX),
    /** The PCK chain lacks its root. */
    PCK_CHAIN_SHORT(RejectionReason.CHAIN_LENGTH, SGX, TDX),
    /** The PCK chain runs leaf, root, CA. */
    PCK_CHAIN_REORDERED(RejectionReason.PCK_CHAIN_ORDER, SGX, TDX),
    /** The quote names its platform by PPID and has no chain. */
    PCK_CHAIN_MISSING(RejectionReason.PCK_CHAIN_MISSING, SGX, TDX),
    /** The PCK chain is no PEM. */
    PCK_CHAIN_NO_PEM(RejectionReason.CERTIFICATE_MALFORMED, SGX, TDX),
    /** The PCK certificate has no SGX extension. */
    PCK_EXTENSION_ABSENT(RejectionReason.PCK_EXTENSION_MALFORMED, SGX, TDX),
    /** The SGX extension has the FMSPC twice. */
    PCK_EXTENSION_DUPLICATE_MEMBER(RejectionReason.PCK_EXTENSION_MALFORMED, SGX, TDX),
    /** The SGX extension has 15 components. */
    PCK_EXTENSION_SHORT_TCB(RejectionReason.PCK_EXTENSION_MALFORMED, SGX, TDX),
    /** There is no CRL of the PCK CA. */
    PCK_CRL_MISSING(RejectionReason.CRL_MISSING, SGX, TDX),
    /** There is no CRL of the root. */
    INTEL_ROOT_CRL_MISSING(RejectionReason.CRL_MISSING, SGX, TDX),
    /** The CRL of the PCK CA is no CRL. */
    PCK_CRL_MALFORMED(RejectionReason.CRL_MALFORMED, SGX, TDX),
    /** The CRL for PCKs comes from another CA. */
    PCK_CRL_OF_ANOTHER_CA(RejectionReason.CRL_ISSUER, SGX, TDX),
    /** The CRL for CAs comes from another root. */
    INTEL_ROOT_CRL_OF_ANOTHER_CA(RejectionReason.CRL_ISSUER, SGX, TDX),
    /** The signature on the CRL of the PCK CA is wrong by one bit. */
    PCK_CRL_SIGNATURE(RejectionReason.CRL_SIGNATURE, SGX, TDX),
    /** The signature on the CRL of the root is wrong by one bit. */
    INTEL_ROOT_CRL_SIGNATURE(RejectionReason.CRL_SIGNATURE, SGX, TDX),
    /** The CRL of the PCK CA ended two seconds ago. */
    PCK_CRL_EXPIRED(RejectionReason.CRL_EXPIRED, SGX, TDX),
    /** The CRL of the root ended two seconds ago. */
    INTEL_ROOT_CRL_EXPIRED(RejectionReason.CRL_EXPIRED, SGX, TDX),
    /** The CRL of the PCK CA starts in ten minutes. */
    PCK_CRL_NOT_YET_VALID(RejectionReason.CRL_NOT_YET_VALID, SGX, TDX),
    /** The CRL of the root starts in ten minutes. */
    INTEL_ROOT_CRL_NOT_YET_VALID(RejectionReason.CRL_NOT_YET_VALID, SGX, TDX),
    /** The PCK certificate is on the CRL of its CA. */
    PCK_REVOKED(RejectionReason.CERTIFICATE_REVOKED, SGX, TDX),
    /** The PCK CA is on the CRL of the root. */
    PCK_CA_REVOKED(RejectionReason.CERTIFICATE_REVOKED, SGX, TDX),
    /** The TCB signing certificate is on the CRL of the root. */
    TCB_SIGNING_REVOKED(RejectionReason.CERTIFICATE_REVOKED, SGX, TDX),
    /** The TCB info says SWHardeningNeeded. */
    TCB_SW_HARDENING_NEEDED(RejectionReason.TCB_SW_HARDENING_NEEDED, SGX, TDX),
    /** The TCB info says ConfigurationNeeded. */
    TCB_CONFIGURATION_NEEDED(RejectionReason.TCB_CONFIGURATION_NEEDED, SGX, TDX),
    /** The TCB info says ConfigurationAndSWHardeningNeeded. */
    TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED(RejectionReason.TCB_CONFIGURATION_NEEDED, SGX, TDX),
    /** The TCB info says OutOfDate. */
    TCB_OUT_OF_DATE(RejectionReason.TCB_OUT_OF_DATE, SGX, TDX),
    /** The TCB info says OutOfDateConfigurationNeeded. */
    TCB_OUT_OF_DATE_CONFIGURATION_NEEDED(RejectionReason.TCB_OUT_OF_DATE, SGX, TDX),
    /** The TCB info says Revoked. */
    TCB_REVOKED(RejectionReason.TCB_REVOKED, SGX, TDX),
    /** The machine reaches no level of the TCB info. */
    TCB_NOT_SUPPORTED(RejectionReason.TCB_NOT_SUPPORTED, SGX, TDX),
    /** The TCB info says SWHardeningNeeded for an advisory other than the one that the strict policy then names. */
    TCB_ADVISORY(RejectionReason.TCB_ADVISORY, SGX, TDX),
    /** The QE identity says OutOfDate of the quoting enclave. */
    QE_OUT_OF_DATE(RejectionReason.TCB_OUT_OF_DATE, SGX, TDX),
    /** The QE identity says Revoked of the quoting enclave. */
    QE_REVOKED(RejectionReason.TCB_REVOKED, SGX, TDX),
    /** The quoting enclave reaches no level of the QE identity. */
    QE_NOT_SUPPORTED(RejectionReason.TCB_NOT_SUPPORTED, SGX, TDX),
    /** The TCB info says OutOfDate of the TDX module. */
    TDX_MODULE_OUT_OF_DATE(RejectionReason.TCB_OUT_OF_DATE, TDX),
    /** The TCB info says Revoked of the TDX module. */
    TDX_MODULE_REVOKED(RejectionReason.TCB_REVOKED, TDX),
    /** The TDX module reaches no level of its identity. */
    TDX_MODULE_NOT_SUPPORTED(RejectionReason.TCB_NOT_SUPPORTED, TDX),
    /** The TDX module was updated while the TD ran. */
    TDX_RELAUNCH_ADVISED(RejectionReason.TCB_RELAUNCH_ADVISED, TDX),
    /** The TDX module was updated while the TD ran, and the TCB info says ConfigurationNeeded. */
    TDX_RELAUNCH_ADVISED_CONFIGURATION_NEEDED(RejectionReason.TCB_RELAUNCH_ADVISED, TDX),
    /** The PCK certificate names another kind of memory protection. */
    PLATFORM_FLAGS(RejectionReason.PLATFORM_FLAGS, SGX, TDX),
    /** The DEBUG attribute is set. */
    SGX_DEBUG(RejectionReason.DEBUG, SGX),
    /** The INIT attribute is not set. */
    SGX_NOT_INITIALIZED(RejectionReason.SGX_NOT_INITIALIZED, SGX),
    /** Another MRENCLAVE. */
    SGX_OTHER_IMAGE(RejectionReason.MEASUREMENT_MISMATCH, SGX),
    /** Another MRSIGNER. */
    SGX_OTHER_SIGNER(RejectionReason.MEASUREMENT_MISMATCH, SGX),
    /** Another ISVPRODID. */
    SGX_OTHER_PRODUCT(RejectionReason.MEASUREMENT_MISMATCH, SGX),
    /** An ISVSVN below the one demanded. */
    SGX_OLDER_VERSION(RejectionReason.MEASUREMENT_MISMATCH, SGX),
    /** The DEBUG attribute is set. */
    TDX_DEBUG(RejectionReason.DEBUG, TDX),
    /** A reserved attribute is set. */
    TDX_ATTRIBUTES_RESERVED(RejectionReason.TDX_ATTRIBUTES_RESERVED, TDX),
    /** SEPT_VE_DISABLE is not set. */
    TDX_SEPT_VE(RejectionReason.TDX_SEPT_VE, TDX),
    /** PKS is set. */
    TDX_ATTRIBUTE_NOT_ALLOWED(RejectionReason.TDX_ATTRIBUTE_NOT_ALLOWED, TDX),
    /** An unknown feature is enabled in XFAM. */
    TDX_XFAM(RejectionReason.TDX_XFAM, TDX),
    /** The TD is bound to a service TD. */
    TDX_SERVICE_TD(RejectionReason.TDX_SERVICE_TD, TDX),
    /** Another MRTD. */
    TDX_OTHER_IMAGE(RejectionReason.MEASUREMENT_MISMATCH, TDX),
    /** Another RTMR3. */
    TDX_OTHER_RTMR(RejectionReason.MEASUREMENT_MISMATCH, TDX),
    /** There is no TCB info. */
    TCB_INFO_MISSING(RejectionReason.TCB_INFO_MISSING, SGX, TDX),
    /** The signed TCB info lacks its FMSPC. */
    TCB_INFO_NO_LEVELS(RejectionReason.TCB_INFO_MALFORMED, SGX, TDX),
    /** The signed TCB info has {@code tcbType} twice. */
    TCB_INFO_DUPLICATE_MEMBER(RejectionReason.TCB_INFO_MALFORMED, SGX, TDX),
    /** The signed TCB info has a status that does not exist. */
    TCB_INFO_UNKNOWN_STATUS(RejectionReason.TCB_INFO_MALFORMED, SGX, TDX),
    /** A level of the signed TCB info dates from the hour 24 of a day. */
    TCB_INFO_HOUR_24(RejectionReason.TCB_INFO_MALFORMED, SGX, TDX),
    /** TCB info of version 4. */
    TCB_INFO_VERSION_4(RejectionReason.TCB_INFO_VERSION, SGX, TDX),
    /** TCB info of version 2. */
    TCB_INFO_VERSION_2(RejectionReason.TCB_INFO_VERSION, SGX),
    /** The signing chain of the TCB info is that of the PCK CRL. */
    TCB_INFO_SIGNER(RejectionReason.TCB_INFO_SIGNER, SGX, TDX),
    /** The signature of the TCB info is wrong by one bit. */
    TCB_INFO_SIGNATURE(RejectionReason.TCB_INFO_SIGNATURE, SGX, TDX),
    /** The TCB info says the same in other bytes than were signed. */
    TCB_INFO_REWRITTEN(RejectionReason.TCB_INFO_SIGNATURE, SGX, TDX),
    /** The TCB info's next update was two seconds ago. */
    TCB_INFO_EXPIRED(RejectionReason.TCB_INFO_EXPIRED, SGX, TDX),
    /** The TCB info is issued in ten minutes. */
    TCB_INFO_NOT_YET_VALID(RejectionReason.TCB_INFO_NOT_YET_VALID, SGX, TDX),
    /** The TCB info is for the other kind of TEE. */
    TCB_INFO_OF_OTHER_TEE(RejectionReason.TCB_INFO_ID, SGX, TDX),
    /** The TCB info is for another FMSPC. */
    TCB_INFO_FMSPC(RejectionReason.TCB_INFO_FMSPC, SGX, TDX),
    /** The TCB info is for another PCE id. */
    TCB_INFO_PCEID(RejectionReason.TCB_INFO_PCEID, SGX, TDX),
    /** The TCB info is of the TCB recovery before the one demanded. */
    TCB_INFO_EVALUATION_NUMBER(RejectionReason.TCB_EVALUATION_NUMBER, SGX, TDX),
    /** The TCB info was issued twenty days ago, and ten are allowed. */
    TCB_INFO_TOO_OLD(RejectionReason.COLLATERAL_TOO_OLD, SGX, TDX),
    /** The TCB info has no identity of the TDX module. */
    TDX_MODULE_UNKNOWN(RejectionReason.TDX_MODULE_UNKNOWN, TDX),
    /** MRSIGNERSEAM is not zero. */
    TDX_MODULE_SIGNER(RejectionReason.TDX_MODULE_SIGNER, TDX),
    /** SEAMATTRIBUTES are not zero. */
    TDX_MODULE_ATTRIBUTES(RejectionReason.TDX_MODULE_ATTRIBUTES, TDX),
    /** SEAMATTRIBUTES have a bit that the identity of the module leaves open. */
    TDX_MODULE_ATTRIBUTES_UNMASKED(RejectionReason.TDX_MODULE_ATTRIBUTES, TDX),
    /** There is no QE identity. */
    QE_IDENTITY_MISSING(RejectionReason.QE_IDENTITY_MISSING, SGX, TDX),
    /** The signed QE identity lacks MRSIGNER. */
    QE_IDENTITY_MALFORMED(RejectionReason.QE_IDENTITY_MALFORMED, SGX, TDX),
    /** A QE identity of version 3. */
    QE_IDENTITY_VERSION(RejectionReason.QE_IDENTITY_VERSION, SGX, TDX),
    /** The signing chain of the QE identity is that of the PCK CRL. */
    QE_IDENTITY_SIGNER(RejectionReason.QE_IDENTITY_SIGNER, SGX, TDX),
    /** The signature of the QE identity is wrong by one bit. */
    QE_IDENTITY_SIGNATURE(RejectionReason.QE_IDENTITY_SIGNATURE, SGX, TDX),
    /** The QE identity says the same in other bytes than were signed. */
    QE_IDENTITY_REWRITTEN(RejectionReason.QE_IDENTITY_SIGNATURE, SGX, TDX),
    /** The QE identity's next update was two seconds ago. */
    QE_IDENTITY_EXPIRED(RejectionReason.QE_IDENTITY_EXPIRED, SGX, TDX),
    /** The QE identity is issued in ten minutes. */
    QE_IDENTITY_NOT_YET_VALID(RejectionReason.QE_IDENTITY_NOT_YET_VALID, SGX, TDX),
    /** The identity is that of the quoting enclave of the other kind of TEE. */
    QE_IDENTITY_OF_OTHER_ENCLAVE(RejectionReason.QE_IDENTITY_ID, SGX, TDX),
    /** The QE identity is of the TCB recovery before the one demanded. */
    QE_IDENTITY_EVALUATION_NUMBER(RejectionReason.TCB_EVALUATION_NUMBER, SGX, TDX),
    /** The signed TCB evaluation data numbers lack their version. */
    TCB_EVAL_NUMBERS_MALFORMED(RejectionReason.TCB_EVAL_NUMBERS_MALFORMED, SGX, TDX),
    /** The signing chain of the TCB evaluation data numbers is that of the PCK CRL. */
    TCB_EVAL_NUMBERS_SIGNER(RejectionReason.TCB_EVAL_NUMBERS_SIGNER, SGX, TDX),
    /** The signature of the TCB evaluation data numbers is wrong by one bit. */
    TCB_EVAL_NUMBERS_SIGNATURE(RejectionReason.TCB_EVAL_NUMBERS_SIGNATURE, SGX, TDX),
    /** The next update of the TCB evaluation data numbers was two seconds ago. */
    TCB_EVAL_NUMBERS_EXPIRED(RejectionReason.TCB_EVAL_NUMBERS_EXPIRED, SGX, TDX),
    /** The TCB evaluation data numbers are issued in ten minutes. */
    TCB_EVAL_NUMBERS_NOT_YET_VALID(RejectionReason.TCB_EVAL_NUMBERS_NOT_YET_VALID, SGX, TDX),

    // ---- SEV-SNP
    /** A byte follows the report. */
    SNP_LONGER(RejectionReason.MALFORMED, SNP),
    /** A report of version 4. */
    SNP_VERSION_4(RejectionReason.UNSUPPORTED_VERSION, SNP),
    /** A field that must be zero is not. */
    SNP_RESERVED_FIELD(RejectionReason.SNP_RESERVED, SNP),
    /** A reserved byte of the current TCB version is not zero. */
    SNP_RESERVED_CURRENT_TCB_BYTE(RejectionReason.SNP_RESERVED, SNP),
    /** A reserved byte of the TCB version at launch is not zero. */
    SNP_RESERVED_LAUNCH_TCB_BYTE(RejectionReason.SNP_RESERVED, SNP),
    /** A reserved byte of the committed TCB version is not zero. */
    SNP_RESERVED_TCB_BYTE(RejectionReason.SNP_RESERVED, SNP),
    /** Bit 17 of the guest policy is zero. */
    SNP_RESERVED_POLICY_BIT(RejectionReason.SNP_RESERVED, SNP),
    /** The upper bytes of r are not zero. */
    SNP_SIGNATURE_PADDING(RejectionReason.SNP_RESERVED, SNP),
    /** The host asked for the report. */
    SNP_HOST_REPORT(RejectionReason.SNP_HOST_REPORT, SNP),
    /** Another signature algorithm. */
    SNP_SIGNATURE_ALGORITHM(RejectionReason.SNP_SIGNATURE_ALGORITHM, SNP),
    /** The report says that no key signed it. */
    SNP_NOT_SIGNED(RejectionReason.SNP_NOT_SIGNED, SNP),
    /** The report's signature is wrong by one bit. */
    SNP_SIGNATURE_BROKEN(RejectionReason.SNP_SIGNATURE, SNP),
    /** The report is signed with a key other than the one endorsed. */
    SNP_SIGNED_BY_STRANGER(RejectionReason.SNP_SIGNATURE, SNP),
    /** The report id was changed after signing. */
    SNP_CHANGED_AFTER_SIGNING(RejectionReason.SNP_SIGNATURE, SNP),
    /** There is no certificate of the endorsement key. */
    SNP_NO_ENDORSEMENT_KEY(RejectionReason.SNP_ENDORSEMENT_MISSING, SNP),
    /** There is no ASK or ASVK certificate. */
    SNP_NO_ISSUER(RejectionReason.SNP_ENDORSEMENT_MISSING, SNP),
    /** There is no ARK certificate. */
    SNP_NO_ROOT(RejectionReason.SNP_ENDORSEMENT_MISSING, SNP),
    /** A VLEK certificate comes with a report that the VCEK signed. */
    SNP_OTHER_KIND_OF_KEY(RejectionReason.SNP_ENDORSEMENT_TYPE, SNP),
    /** The endorsement key certificate does not say for which microcode it is. */
    SNP_VEK_EXTENSION_ABSENT(RejectionReason.SNP_ENDORSEMENT_EXTENSIONS, SNP),
    /** The microcode extension of the endorsement key certificate is no number. */
    SNP_VEK_EXTENSION_MALFORMED(RejectionReason.SNP_ENDORSEMENT_EXTENSIONS, SNP),
    /** The endorsement key certificate names another product than its issuer. */
    SNP_VEK_FOR_ANOTHER_PRODUCT(RejectionReason.SNP_PRODUCT, SNP),
    /** The report is from a processor that has no SEV-SNP. */
    SNP_UNKNOWN_PROCESSOR(RejectionReason.SNP_PRODUCT, SNP),
    /** The report is from another product than its endorsement key. */
    SNP_REPORT_FROM_ANOTHER_PRODUCT(RejectionReason.SNP_PRODUCT, SNP),
    /** The endorsement key certificate is for another chip. */
    SNP_VEK_OF_ANOTHER_CHIP(RejectionReason.SNP_CHIP_ID_MISMATCH, SNP),
    /** The report does not name its chip, and the VCEK signed it. */
    SNP_CHIP_ID_MASKED(RejectionReason.SNP_CHIP_ID_MISMATCH, SNP),
    /** The endorsement key certificate is for another TCB. */
    SNP_VEK_FOR_ANOTHER_TCB(RejectionReason.SNP_TCB_MISMATCH, SNP),
    /** The endorsement key certificate ended two seconds ago. */
    VEK_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, SNP),
    /** The ASK certificate ended two seconds ago. */
    ASK_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, SNP),
    /** The ARK certificate ended two seconds ago. */
    ARK_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, SNP),
    /** The endorsement key certificate starts in ten minutes. */
    VEK_NOT_YET_VALID(RejectionReason.CERTIFICATE_NOT_YET_VALID, SNP),
    /** The ASK certificate starts in ten minutes. */
    ASK_NOT_YET_VALID(RejectionReason.CERTIFICATE_NOT_YET_VALID, SNP),
    /** The signature on the endorsement key certificate is wrong by one bit. */
    VEK_SIGNATURE(RejectionReason.CHAIN_SIGNATURE, SNP),
    /** The signature on the ASK certificate is wrong by one bit. */
    ASK_SIGNATURE(RejectionReason.CHAIN_SIGNATURE, SNP),
    /** The ASK certificate names another issuer. */
    ASK_ISSUER_NAME(RejectionReason.CHAIN_ISSUER_NAME, SNP),
    /** The root has the anchor's key and another name. */
    ARK_NAME(RejectionReason.UNKNOWN_ROOT, SNP),
    /** The root has the anchor's name and another key, and signed all below it. */
    ARK_KEY(RejectionReason.UNKNOWN_ROOT, SNP),
    /** The endorsement key certificate is a CA. */
    VEK_IS_CA(RejectionReason.CHAIN_BASIC_CONSTRAINTS, SNP),
    /** The ASK may not sign certificates. */
    ASK_KEY_USAGE(RejectionReason.CHAIN_KEY_USAGE, SNP),
    /** The endorsement key certificate has a critical extension that nobody understands. */
    VEK_CRITICAL_EXTENSION(RejectionReason.CHAIN_CRITICAL_EXTENSION, SNP),
    /** The endorsement key is on P-256. */
    VEK_KEY_ON_P256(RejectionReason.CHAIN_ALGORITHM, SNP),
    /** There is no CRL. */
    AMD_CRL_MISSING(RejectionReason.CRL_MISSING, SNP),
    /** The CRL is no CRL. */
    AMD_CRL_MALFORMED(RejectionReason.CRL_MALFORMED, SNP),
    /** The CRL comes from another root. */
    AMD_CRL_OF_ANOTHER_ROOT(RejectionReason.CRL_ISSUER, SNP),
    /** The signature on the CRL is wrong by one bit. */
    AMD_CRL_SIGNATURE(RejectionReason.CRL_SIGNATURE, SNP),
    /** The CRL ended two seconds ago. */
    AMD_CRL_EXPIRED(RejectionReason.CRL_EXPIRED, SNP),
    /** The CRL starts in ten minutes. */
    AMD_CRL_NOT_YET_VALID(RejectionReason.CRL_NOT_YET_VALID, SNP),
    /** The ASK is on the CRL. */
    ASK_REVOKED(RejectionReason.CERTIFICATE_REVOKED, SNP),
    /** The endorsement key is on the CRL. */
    VEK_REVOKED(RejectionReason.CERTIFICATE_REVOKED, SNP),
    /** The reported TCB is above the current one. */
    SNP_REPORTED_ABOVE_CURRENT(RejectionReason.SNP_TCB_ORDER, SNP),
    /** The committed TCB is above the current one. */
    SNP_COMMITTED_ABOVE_CURRENT(RejectionReason.SNP_TCB_ORDER, SNP),
    /** The TCB at launch is above the current one. */
    SNP_LAUNCH_ABOVE_CURRENT(RejectionReason.SNP_TCB_ORDER, SNP),
    /** The committed firmware is above the current one. */
    SNP_COMMITTED_FIRMWARE_ABOVE_CURRENT(RejectionReason.SNP_TCB_ORDER, SNP),
    /** The current firmware is above the committed one. */
    SNP_PROVISIONAL_FIRMWARE(RejectionReason.SNP_PROVISIONAL_FIRMWARE, SNP),
    /** The committed firmware is below the one demanded. */
    SNP_FIRMWARE_TOO_OLD(RejectionReason.SNP_FIRMWARE_TOO_OLD, SNP),
    /** The reported TCB is below the one demanded. */
    SNP_TCB_TOO_OLD(RejectionReason.SNP_TCB_TOO_OLD, SNP),
    /** The TCB at launch is below the one demanded. */
    SNP_LAUNCH_TCB_TOO_OLD(RejectionReason.SNP_LAUNCH_TCB_TOO_OLD, SNP),
    /** A mitigation that is demanded was not verified. Version 5 only. */
    SNP_MITIGATION_MISSING(RejectionReason.SNP_MITIGATION_MISSING, SNP),
    /** The guest policy allows debugging. */
    SNP_DEBUG(RejectionReason.DEBUG, SNP),
    /** The guest policy allows a migration agent. */
    SNP_MIGRATION_AGENT(RejectionReason.SNP_MIGRATION_AGENT, SNP),
    /** Another product, endorsed as such. */
    SNP_PRODUCT_NOT_ALLOWED(RejectionReason.SNP_PRODUCT_NOT_ALLOWED, SNP),
    /** A VLEK of a provider that is not allowed signed. */
    SNP_VLEK_OF_ANOTHER_PROVIDER(RejectionReason.SNP_CSP_ID, SNP),
    /** Another chip, endorsed as such. */
    SNP_CHIP_NOT_ALLOWED(RejectionReason.SNP_CHIP_NOT_ALLOWED, SNP),
    /** Another privilege level. */
    SNP_VMPL(RejectionReason.SNP_VMPL, SNP),
    /** The alias check was not completed, and is demanded. */
    SNP_FEATURE(RejectionReason.SNP_FEATURE, SNP),
    /** Another launch measurement. */
    SNP_OTHER_IMAGE(RejectionReason.MEASUREMENT_MISMATCH, SNP),
    /** Another ID key. */
    SNP_OTHER_ID_KEY(RejectionReason.SNP_ID_KEY_MISMATCH, SNP),
    /** Another author key. */
    SNP_OTHER_AUTHOR_KEY(RejectionReason.SNP_AUTHOR_KEY_MISMATCH, SNP),
    /** Another family id. */
    SNP_OTHER_FAMILY(RejectionReason.SNP_IMAGE_MISMATCH, SNP),
    /** The guest's security version is below the one demanded. */
    SNP_OLDER_GUEST(RejectionReason.SNP_GUEST_SVN_TOO_LOW, SNP),
    /** Other host data. */
    SNP_OTHER_HOST_DATA(RejectionReason.SNP_HOST_DATA_MISMATCH, SNP),

    // ---- certificates that carry evidence: see FakeCertificate
    /** The certificate ended two seconds ago. */
    CARRIER_EXPIRED(RejectionReason.CERTIFICATE_EXPIRED, TCG_DICE, INTEL_2018, GRAMINE_LEGACY, NITRO_USER_DATA),
    /** The certificate starts in ten minutes. */
    CARRIER_NOT_YET_VALID(
            RejectionReason.CERTIFICATE_NOT_YET_VALID, TCG_DICE, INTEL_2018, GRAMINE_LEGACY, NITRO_USER_DATA),
    /** The certificate has no extension with evidence. */
    CARRIER_WITHOUT_EVIDENCE(RejectionReason.CERTIFICATE_WITHOUT_EVIDENCE, TCG_DICE, INTEL_2018, GRAMINE_LEGACY),
    /** The extension is full of zeros. */
    CARRIER_NO_QUOTE(RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, TCG_DICE, INTEL_2018, GRAMINE_LEGACY),
    /** The extension lacks its last byte. */
    CARRIER_CONTENT_TRUNCATED(RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, TCG_DICE),
    /** The extension has a byte after its end. */
    CARRIER_TRAILING_BYTE(RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, TCG_DICE),
    /** The extension has another CBOR tag than 60000. */
    CARRIER_WRONG_TAG(RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, TCG_DICE),
    /** Every claim is there twice. */
    CARRIER_DUPLICATE_CLAIM(RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, TCG_DICE),
    /** The key is named by a hash algorithm that is not in use. */
    CARRIER_UNKNOWN_HASH(RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, TCG_DICE),
    /** The claims do not name the key. */
    CARRIER_WITHOUT_KEY_CLAIM(RejectionReason.KEY_BINDING, TCG_DICE),
    /** The claims name another key. */
    CARRIER_CLAIMS_ANOTHER_KEY(RejectionReason.KEY_BINDING, TCG_DICE),
    /** The evidence was made for another certificate, or for other claims. */
    CARRIER_BINDS_ANOTHER_KEY(RejectionReason.KEY_BINDING, TCG_DICE, INTEL_2018, GRAMINE_LEGACY, NITRO_USER_DATA),
    /** There is no nonce among the claims. */
    CARRIER_WITHOUT_NONCE(RejectionReason.NONCE_MISMATCH, TCG_DICE),
    /** There is another nonce among the claims. */
    CARRIER_OTHER_NONCE(RejectionReason.NONCE_MISMATCH, TCG_DICE);

    private final RejectionReason reason;
    private final Set<EvidenceFormat> formats;
    private final Set<Scheme> schemes;

    Defect(RejectionReason reason, EvidenceFormat... formats) {
        this.reason = reason;
        this.schemes = Set.of();
        EnumSet<EvidenceFormat> set = EnumSet.noneOf(EvidenceFormat.class);
        set.addAll(Arrays.asList(formats));
        this.formats = Collections.unmodifiableSet(set);
    }

    Defect(RejectionReason reason, Scheme... schemes) {
        this.reason = reason;
        EnumSet<Scheme> set = EnumSet.noneOf(Scheme.class);
        EnumSet<EvidenceFormat> carried = EnumSet.noneOf(EvidenceFormat.class);
        for (Scheme scheme : schemes) {
            set.add(scheme);
            carried.addAll(formats(scheme));
        }
        this.schemes = Collections.unmodifiableSet(set);
        this.formats = Collections.unmodifiableSet(carried);
    }

    /** The formats whose evidence a scheme carries. */
    static Set<EvidenceFormat> formats(Scheme scheme) {
        return scheme == NITRO_USER_DATA ? EnumSet.of(NITRO) : EnumSet.of(SGX, TDX);
    }

    /**
     * Why the verifier rejects it.
     *
     * @return the reason
     */
    public RejectionReason reason() {
        return reason;
    }

    /**
     * The formats that can be wrong in this way.
     *
     * @return an unmodifiable set, not empty
     */
    public Set<EvidenceFormat> formats() {
        return formats;
    }

    /**
     * Whether it lies in collateral that no verification of evidence looks at, so that only
     * {@link io.ebridge.attest.EvidenceVerifier#checkCollateral checkCollateral} rejects it.
     *
     * @return whether it does
     */
    public boolean seenInCollateralAlone() {
        return name().startsWith("TCB_EVAL_NUMBERS_");
    }

    /**
     * The ways of carrying evidence in which a {@link FakeCertificate} shows it. Where there are any, evidence by itself does not show it.
     *
     * @return an unmodifiable set; empty for what is wrong with evidence or collateral
     */
    public Set<Scheme> schemes() {
        return schemes;
    }

    Tampering tampering(Defects.Scene scene) {
        return Defects.make(this, scene);
    }
}
