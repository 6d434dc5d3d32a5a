package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.crypto.EcCurve;
import io.ebridge.attest.crypto.SignatureScheme;
import io.ebridge.attest.internal.ExpiringCache;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.x509.VerifiedChain;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The two signatures of a quote: PCK key over the quoting enclave's report, whose report data names the attestation key; that key
 * over header and body. A verified report is remembered with the key that it names, for as long as the PCK chain is valid, so that
 * later quotes of the same quoting enclave cost one signature.
 */
final class QuoteSignatures {

    private static final Set<RejectionReason> QE_CHECKS = EnumSet.of(
            RejectionReason.QE_REPORT_SIGNATURE,
            RejectionReason.QE_REPORT_DATA,
            RejectionReason.QE_DEBUG,
            RejectionReason.ATTESTATION_KEY_INVALID);

    private QuoteSignatures() {}

    /** An attestation key that a genuine quoting enclave vouched for. */
    private record AttestationKey(PublicKey key) {}

    static void verify(Quote quote, VerifiedChain pck, VerificationContext context) throws EvidenceRejectedException {
        PublicKey key = attestationKey(quote, pck, context);
        context.passed(QE_CHECKS);
        context.require(
                context.signatures()
                        .verify(
                                SignatureScheme.ES256,
                                key,
                                quote.signature().toByteArray(),
                                quote.signed().toByteArray()),
                RejectionReason.QUOTE_SIGNATURE,
                "the quote's signature does not verify with its attestation key: it was altered");
    }

    /** Whether a key signed the quoting enclave's report: to find its owner among several certificates. */
    static boolean isSignedBy(PublicKey pckKey, Quote quote, VerificationContext context) {
        return context.signatures()
                .verify(
                        SignatureScheme.ES256,
                        pckKey,
                        quote.qeReportSignature().toByteArray(),
                        quote.qeReportBytes().toByteArray());
    }

    private static PublicKey attestationKey(Quote quote, VerifiedChain pck, VerificationContext context)
            throws EvidenceRejectedException {
        Bytes cacheKey = new Keys(0)
                .add(pck.key().getEncoded())
                .add(quote.qeReportBytes())
                .add(quote.qeReportSignature())
                .add(quote.attestationKey())
                .add(quote.authData())
                .key();
        ExpiringCache<AttestationKey> cache = context.cache(AttestationKey.class);
        Optional<AttestationKey> known = cache.get(cacheKey, context.now());
        if (known.isPresent()) {
            return known.get().key();
        }
        if (!isSignedBy(pck.key(), quote, context)) {
            throw new EvidenceRejectedException(
                    RejectionReason.QE_REPORT_SIGNATURE,
                    "the quoting enclave's report is not signed by the key of the PCK certificate: it is of another"
                            + " platform, or was altered");
        }
        requireReportData(quote);
        if (quote.qeReport().debug()) {
            throw new EvidenceRejectedException(
                    RejectionReason.QE_DEBUG, "the quoting enclave runs in debug mode: its key may be known");
        }
        PublicKey key;
        try {
            key = EcCurve.P256.publicKey(quote.attestationKey().toByteArray());
        } catch (GeneralSecurityException e) {
            throw new EvidenceRejectedException(
                    RejectionReason.ATTESTATION_KEY_INVALID, "the attestation key is no point of P-256", e);
        }
        cache.put(
                cacheKey,
                new AttestationKey(key),
                new ValidityWindow(pck.window().from(), pck.window().until()),
                context.now());
        return key;
    }

    /** All 64 bytes: SHA-256 of attestation key and authentication data, then zeros. */
    private static void requireReportData(Quote quote) throws EvidenceRejectedException {
        byte[] expected;
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(quote.attestationKey().toByteArray());
            digest.update(quote.authData().toByteArray());
            expected = Arrays.copyOf(digest.digest(), 64);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
        if (!quote.qeReport().reportData().contentEquals(expected)) {
            throw new EvidenceRejectedException(
                    RejectionReason.QE_REPORT_DATA,
                    "the quoting enclave's report does not name the attestation key and authentication data");
        }
    }
}
