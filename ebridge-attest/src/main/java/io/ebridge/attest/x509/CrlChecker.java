package io.ebridge.attest.x509;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.crypto.SignatureScheme;
import io.ebridge.attest.crypto.Signatures;
import io.ebridge.attest.internal.ExpiringCache;
import io.ebridge.attest.internal.VerificationContext;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CRLException;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies full, direct revocation lists (RFC 5280 section 6.3.3) and remembers them by hash. Delta and indirect lists have
 * critical extensions and are rejected. Thread-safe.
 */
public final class CrlChecker {

    private static final int KEY_USAGE_CRL_SIGN = 6;

    private final Signatures signatures;
    private final ExpiringCache<VerifiedCrl> cache;

    public CrlChecker(Signatures signatures, int cacheEntries) {
        this.signatures = signatures;
        this.cache = new ExpiringCache<>(cacheEntries);
    }

    /**
     * Verifies a list: its issuer's name and signature, and its window at the context's instant, which narrows the result's.
     *
     * @param der the list, in DER
     * @param issuer the certificate of its issuer, whose own chain the caller has verified
     * @param scheme how it must be signed
     * @param context the instant, and where checks are noted
     */
    public VerifiedCrl verify(byte[] der, X509Certificate issuer, SignatureScheme scheme, VerificationContext context)
            throws EvidenceRejectedException {
        Bytes key = keyOf(der, issuer);
        Optional<VerifiedCrl> known = cache.get(key, context.now());
        VerifiedCrl verified = known.isPresent() ? known.get() : verifyCold(der, issuer, scheme);
        context.passed(RejectionReason.CRL_MALFORMED);
        context.passed(RejectionReason.CRL_ISSUER);
        context.passed(RejectionReason.CRL_SIGNATURE);
        context.window(
                verified.window(),
                RejectionReason.CRL_NOT_YET_VALID,
                RejectionReason.CRL_EXPIRED,
                () -> "the revocation list of "
                        + issuer.getSubjectX500Principal().getName());
        if (known.isEmpty()) {
            cache.put(key, verified, verified.window(), context.now());
        }
        return verified;
    }

    private VerifiedCrl verifyCold(byte[] der, X509Certificate issuer, SignatureScheme scheme)
            throws EvidenceRejectedException {
        X509CRL crl = X509.crl(der);
        String name = issuer.getSubjectX500Principal().getName();
        if (!crl.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            throw reject(
                    RejectionReason.CRL_ISSUER,
                    "the revocation list is from "
                            + crl.getIssuerX500Principal().getName() + ", not " + name);
        }
        boolean[] usage = issuer.getKeyUsage();
        if (usage == null || !usage[KEY_USAGE_CRL_SIGN]) {
            throw reject(RejectionReason.CRL_ISSUER, name + " may not sign revocation lists");
        }
        if (!ChainValidator.usesScheme(crl.getSigAlgOID(), crl.getSigAlgParams(), scheme)) {
            throw reject(
                    RejectionReason.CRL_SIGNATURE,
                    "the revocation list is signed with " + crl.getSigAlgName() + ", not " + scheme);
        }
        boolean signed;
        try {
            signed = ChainValidator.verifyDer(signatures, scheme, issuer, crl.getSignature(), crl.getTBSCertList());
        } catch (CRLException e) {
            throw new EvidenceRejectedException(RejectionReason.CRL_MALFORMED, "the revocation list of " + name, e);
        }
        if (!signed) {
            throw reject(
                    RejectionReason.CRL_SIGNATURE,
                    "the signature on the revocation list of " + name + " does not verify");
        }
        if (crl.hasUnsupportedCriticalExtension() || hasCritical(crl.getCriticalExtensionOIDs())) {
            throw reject(
                    RejectionReason.CRL_MALFORMED,
                    "the revocation list of " + name + " has a critical extension: delta and indirect lists are not"
                            + " supported");
        }
        if (crl.getNextUpdate() == null) {
            throw reject(RejectionReason.CRL_EXPIRED, "the revocation list of " + name + " names no next update");
        }
        Set<BigInteger> revoked = new HashSet<>();
        Set<? extends X509CRLEntry> entries = crl.getRevokedCertificates();
        if (entries != null) {
            for (X509CRLEntry entry : entries) {
                if (hasCritical(entry.getCriticalExtensionOIDs())) {
                    throw reject(
                            RejectionReason.CRL_MALFORMED,
                            "an entry in the revocation list of " + name + " has a critical extension");
                }
                revoked.add(entry.getSerialNumber());
            }
        }
        return new VerifiedCrl(
                Set.copyOf(revoked),
                new ValidityWindow(
                        crl.getThisUpdate().toInstant(), crl.getNextUpdate().toInstant()));
    }

    private static boolean hasCritical(@org.jspecify.annotations.Nullable Set<String> oids) {
        return oids != null && !oids.isEmpty();
    }

    private static Bytes keyOf(byte[] der, X509Certificate issuer) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(issuer.getSubjectX500Principal().getEncoded());
            digest.update(issuer.getPublicKey().getEncoded());
            digest.update(der);
            return Bytes.of(digest.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }

    private static EvidenceRejectedException reject(RejectionReason reason, String detail) {
        return new EvidenceRejectedException(reason, detail);
    }
}
