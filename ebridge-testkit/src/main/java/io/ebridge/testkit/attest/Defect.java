package io.ebridge.testkit.attest;

import static io.ebridge.attest.EvidenceFormat.NITRO;
import static io.ebridge.attest.EvidenceFormat.SGX;
import static io.ebridge.attest.EvidenceFormat.SNP;
import static io.ebridge.attest.EvidenceFormat.TDX;

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
 * rejects them for {@link #reason()} under {@link FakeQuotingEnclave#policy()} with the report data, nonce and key that were asked for. Two defects
 * at once are rejected for one of the two. New constants may be added; old ones keep their meaning.
 */
public enum Defect {
    // ---- any format
    /** Evidence that ends too early. */
    TRUNCATED(RejectionReason.MALFORMED, NITRO, SGX, TDX, SNP),
    /** A byte other than zero after the end of the evidence. */
    TRAILING_BYTE(RejectionReason.TRAILING_DATA, NITRO, SGX, TDX),
    /** Other report data than was asked for. */
    WRONG_REPORT_DATA(RejectionReason.REPORT_DATA_MISMATCH, NITRO, SGX, TDX, SNP),

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
    NITRO_SWAPPED_KEY(RejectionReason.PUBLIC_KEY_MISMATCH, NITRO);

    private final RejectionReason reason;
    private final Set<EvidenceFormat> formats;

    Defect(RejectionReason reason, EvidenceFormat... formats) {
        this.reason = reason;
        EnumSet<EvidenceFormat> set = EnumSet.noneOf(EvidenceFormat.class);
        set.addAll(Arrays.asList(formats));
        this.formats = Collections.unmodifiableSet(set);
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

    Tampering tampering(Defects.Scene scene) {
        return Defects.make(this, scene);
    }
}
