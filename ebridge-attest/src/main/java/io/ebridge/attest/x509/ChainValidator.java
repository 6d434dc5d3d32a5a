package io.ebridge.attest.x509;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.TrustAnchor;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.crypto.EcdsaSignature;
import io.ebridge.attest.crypto.SignatureScheme;
import io.ebridge.attest.crypto.Signatures;
import io.ebridge.attest.internal.ExpiringCache;
import io.ebridge.attest.internal.VerificationContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Validates chains (RFC 5280 section 6.1) that are given in order, leaf first and root last: anchors by name and key, names,
 * signatures, algorithms, basic constraints, path lengths, key usage, critical extensions, and every window at one instant.
 *
 * <p>Every tail of a verified chain is remembered by the hash of its certificates, so that a new leaf under a known issuer
 * costs one signature. Thread-safe.
 */
public final class ChainValidator {

    private static final Set<String> UNDERSTOOD = Set.of("2.5.29.15", "2.5.29.19");
    private static final int KEY_USAGE_DIGITAL_SIGNATURE = 0;
    private static final int KEY_USAGE_CERT_SIGN = 5;

    private static final Set<RejectionReason> CHECKS = EnumSet.of(
            RejectionReason.CERTIFICATE_MALFORMED,
            RejectionReason.CHAIN_LENGTH,
            RejectionReason.CHAIN_ISSUER_NAME,
            RejectionReason.CHAIN_SIGNATURE,
            RejectionReason.CHAIN_ALGORITHM,
            RejectionReason.CHAIN_BASIC_CONSTRAINTS,
            RejectionReason.CHAIN_KEY_USAGE,
            RejectionReason.CHAIN_PATH_LENGTH,
            RejectionReason.CHAIN_CRITICAL_EXTENSION,
            RejectionReason.UNKNOWN_ROOT);

    private final Signatures signatures;
    private final TrustAnchors anchors;
    private final ExpiringCache<VerifiedChain> cache;

    public ChainValidator(Signatures signatures, TrustAnchors anchors, int cacheEntries) {
        this.signatures = signatures;
        this.anchors = anchors;
        this.cache = new ExpiringCache<>(cacheEntries);
    }

    /**
     * Verifies a chain that ends in a leaf.
     *
     * @param leafToRoot DER certificates, leaf first, the root last
     * @param profile what the vendor's chains look like
     * @param context the instant, and where checks and windows are noted
     */
    public VerifiedChain verify(List<byte[]> leafToRoot, ChainProfile profile, VerificationContext context)
            throws EvidenceRejectedException {
        return verify(leafToRoot, profile, context, true);
    }

    /** As {@link #verify(List, ChainProfile, VerificationContext)}, for certificates that are parsed already. */
    public VerifiedChain verifyParsed(
            List<X509Certificate> leafToRoot, ChainProfile profile, VerificationContext context)
            throws EvidenceRejectedException {
        return verify(encodings(leafToRoot), profile, context, true);
    }

    /**
     * Verifies a chain of issuers, the first of which must itself be a CA: the issuer of a CRL, say. The profile's leaf rules do
     * not apply.
     */
    public VerifiedChain verifyIssuers(
            List<X509Certificate> issuerToRoot, ChainProfile profile, VerificationContext context)
            throws EvidenceRejectedException {
        VerifiedChain chain = verify(encodings(issuerToRoot), profile, context, false);
        requireIssuer(chain.leaf(), profile);
        return chain;
    }

    private VerifiedChain verify(
            List<byte[]> ders, ChainProfile profile, VerificationContext context, boolean endsInLeaf)
            throws EvidenceRejectedException {
        if (ders.isEmpty() || ders.size() > profile.maxLength() || endsInLeaf && ders.size() < profile.minLength()) {
            throw reject(
                    RejectionReason.CHAIN_LENGTH,
                    "a chain of " + ders.size() + " certificates; " + profile.minLength() + " to " + profile.maxLength()
                            + " are expected");
        }
        List<byte[]> hashes = hashes(ders);
        Bytes key = keyOf(hashes, profile, endsInLeaf);
        Optional<VerifiedChain> known = cache.get(key, context.now());
        VerifiedChain chain;
        if (known.isPresent()) {
            chain = known.get();
        } else {
            if (hashes.stream().map(Bytes::of).distinct().count() < hashes.size()) {
                throw reject(RejectionReason.CHAIN_LENGTH, "a certificate occurs more than once in its chain");
            }
            List<X509Certificate> certificates = new ArrayList<>();
            for (byte[] der : ders) {
                certificates.add(X509.certificate(der));
            }
            chain = verifyTail(certificates, hashes, profile, context);
            if (endsInLeaf) {
                requireLeaf(chain.leaf(), profile);
            }
            // Windows last: a broken chain is reported as such, whatever its dates say.
            for (X509Certificate certificate : certificates) {
                context.window(
                        windowOf(List.of(certificate)),
                        RejectionReason.CERTIFICATE_NOT_YET_VALID,
                        RejectionReason.CERTIFICATE_EXPIRED,
                        () -> "the certificate of "
                                + certificate.getSubjectX500Principal().getName());
            }
            cache.put(key, chain, chain.window(), context.now());
        }
        context.passed(CHECKS);
        context.window(
                chain.window(),
                RejectionReason.CERTIFICATE_NOT_YET_VALID,
                RejectionReason.CERTIFICATE_EXPIRED,
                "the certificate chain");
        return chain;
    }

    /** Verifies the first certificate under the rest, and the rest before it; dates play no part. */
    private VerifiedChain verifyTail(
            List<X509Certificate> certificates, List<byte[]> hashes, ChainProfile profile, VerificationContext context)
            throws EvidenceRejectedException {
        int size = certificates.size();
        Bytes key = keyOf(hashes, profile, false);
        Optional<VerifiedChain> known = cache.get(key, context.now());
        if (known.isPresent()) {
            return known.get();
        }
        X509Certificate first = certificates.get(0);
        VerifiedChain chain;
        if (size == 1) {
            TrustAnchor anchor = anchors.find(profile.vendor(), first)
                    .orElseThrow(() -> reject(
                            RejectionReason.UNKNOWN_ROOT,
                            "the chain leads to "
                                    + first.getSubjectX500Principal().getName() + ", which is no trust anchor for "
                                    + profile.vendor() + " by name and key"));
            requireSigned(first, first, profile);
            chain = new VerifiedChain(List.of(first), anchor, windowOf(certificates));
        } else {
            VerifiedChain issuers =
                    verifyTail(certificates.subList(1, size), hashes.subList(1, size), profile, context);
            X509Certificate issuer = issuers.leaf();
            if (!first.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
                throw reject(
                        RejectionReason.CHAIN_ISSUER_NAME,
                        first.getSubjectX500Principal().getName() + " names another issuer than "
                                + issuer.getSubjectX500Principal().getName());
            }
            requireIssuer(issuer, profile);
            requirePathLengths(issuers.certificates());
            requireSigned(first, issuer, profile);
            requireUnderstood(first, profile);
            chain = new VerifiedChain(List.copyOf(certificates), issuers.anchor(), windowOf(certificates));
        }
        cache.put(key, chain, chain.window(), context.now());
        return chain;
    }

    private static void requireIssuer(X509Certificate issuer, ChainProfile profile) throws EvidenceRejectedException {
        if (issuer.getVersion() != 3 || issuer.getBasicConstraints() < 0) {
            throw reject(RejectionReason.CHAIN_BASIC_CONSTRAINTS, name(issuer) + " issues a certificate and is no CA");
        }
        boolean[] usage = issuer.getKeyUsage();
        if (usage == null || !usage[KEY_USAGE_CERT_SIGN]) {
            throw reject(RejectionReason.CHAIN_KEY_USAGE, name(issuer) + " may not sign certificates");
        }
        if (!profile.issuerKey().fits(issuer.getPublicKey())) {
            throw reject(
                    RejectionReason.CHAIN_ALGORITHM, name(issuer) + " has a key other than " + profile.issuerKey());
        }
        requireUnderstood(issuer, profile);
    }

    private static void requireLeaf(X509Certificate leaf, ChainProfile profile) throws EvidenceRejectedException {
        if (leaf.getBasicConstraints() >= 0) {
            throw reject(RejectionReason.CHAIN_BASIC_CONSTRAINTS, name(leaf) + " is a CA and stands for evidence");
        }
        boolean[] usage = leaf.getKeyUsage();
        if (profile.leafSigns() && (usage == null || !usage[KEY_USAGE_DIGITAL_SIGNATURE])
                || usage != null && usage[KEY_USAGE_CERT_SIGN]) {
            throw reject(RejectionReason.CHAIN_KEY_USAGE, name(leaf) + " may not sign evidence");
        }
        if (!profile.leafKey().fits(leaf.getPublicKey())) {
            throw reject(RejectionReason.CHAIN_ALGORITHM, name(leaf) + " has a key other than " + profile.leafKey());
        }
    }

    /**
     * Each CA allows as many CAs below it as there are between it and the certificate about to be added. The root is exempt: an anchor
     * is a name and a key, without constraints (RFC 5280 section 6.1.1), and Intel's first root allows none of the CAs that it issued.
     */
    private static void requirePathLengths(List<X509Certificate> issuers) throws EvidenceRejectedException {
        for (int below = 0; below < issuers.size() - 1; below++) {
            if (issuers.get(below).getBasicConstraints() < below) {
                throw reject(
                        RejectionReason.CHAIN_PATH_LENGTH,
                        issuers.get(below).getSubjectX500Principal().getName() + " allows fewer CAs below it than "
                                + below);
            }
        }
    }

    private static void requireUnderstood(X509Certificate certificate, ChainProfile profile)
            throws EvidenceRejectedException {
        Set<String> critical = certificate.getCriticalExtensionOIDs();
        if (critical != null
                && !critical.stream()
                        .allMatch(oid ->
                                UNDERSTOOD.contains(oid) || profile.understood().contains(oid))) {
            throw reject(
                    RejectionReason.CHAIN_CRITICAL_EXTENSION,
                    certificate.getSubjectX500Principal().getName() + " has critical extensions among " + critical
                            + " that are not understood");
        }
    }

    private void requireSigned(X509Certificate certificate, X509Certificate issuer, ChainProfile profile)
            throws EvidenceRejectedException {
        if (!usesScheme(certificate, profile.scheme())) {
            throw reject(
                    RejectionReason.CHAIN_ALGORITHM,
                    name(certificate) + " is signed with " + certificate.getSigAlgName() + ", not " + profile.scheme());
        }
        boolean verified;
        try {
            verified = verifyDer(
                    signatures, profile.scheme(), issuer, certificate.getSignature(), certificate.getTBSCertificate());
        } catch (CertificateEncodingException e) {
            throw new EvidenceRejectedException(RejectionReason.CERTIFICATE_MALFORMED, name(certificate), e);
        }
        if (!verified) {
            throw reject(
                    RejectionReason.CHAIN_SIGNATURE,
                    "the signature on " + name(certificate) + " does not verify with the key of "
                            + issuer.getSubjectX500Principal().getName());
        }
    }

    /** Verifies a signature as certificates and CRLs carry it: ECDSA in DER. */
    static boolean verifyDer(
            Signatures signatures, SignatureScheme scheme, X509Certificate issuer, byte[] signature, byte[] signed) {
        io.ebridge.attest.crypto.EcCurve curve = scheme.curve();
        if (curve == null) {
            return signatures.verify(scheme, issuer.getPublicKey(), signature, signed);
        }
        return EcdsaSignature.fromDer(signature, curve)
                .map(fixed -> signatures.verify(scheme, issuer.getPublicKey(), fixed, signed))
                .orElse(false);
    }

    static boolean usesScheme(X509Certificate certificate, SignatureScheme scheme) {
        return usesScheme(certificate.getSigAlgOID(), certificate.getSigAlgParams(), scheme);
    }

    static boolean usesScheme(
            String oid, byte @org.jspecify.annotations.Nullable [] parameters, SignatureScheme scheme) {
        return switch (scheme) {
            case ES256 -> oid.equals("1.2.840.10045.4.3.2") && parameters == null;
            case ES384 -> oid.equals("1.2.840.10045.4.3.3") && parameters == null;
            case PS384 -> oid.equals("1.2.840.113549.1.1.10") && parameters != null && isPss384(parameters);
        };
    }

    private static boolean isPss384(byte[] parameters) {
        try {
            AlgorithmParameters pss = AlgorithmParameters.getInstance("RSASSA-PSS");
            pss.init(parameters);
            PSSParameterSpec spec = pss.getParameterSpec(PSSParameterSpec.class);
            return spec.getDigestAlgorithm().equals("SHA-384")
                    && spec.getMGFAlgorithm().equals("MGF1")
                    && spec.getMGFParameters() instanceof java.security.spec.MGF1ParameterSpec mgf
                    && mgf.getDigestAlgorithm().equals("SHA-384")
                    && spec.getSaltLength() == 48
                    && spec.getTrailerField() == 1;
        } catch (GeneralSecurityException | IOException e) {
            return false;
        }
    }

    static ValidityWindow windowOf(List<X509Certificate> certificates) {
        ValidityWindow window = ValidityWindow.ALWAYS;
        for (X509Certificate certificate : certificates) {
            window = window.intersect(new ValidityWindow(
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant()));
        }
        return window;
    }

    private static List<byte[]> encodings(List<X509Certificate> certificates) throws EvidenceRejectedException {
        List<byte[]> ders = new ArrayList<>();
        try {
            for (X509Certificate certificate : certificates) {
                ders.add(certificate.getEncoded());
            }
        } catch (CertificateEncodingException e) {
            throw new EvidenceRejectedException(RejectionReason.CERTIFICATE_MALFORMED, "a certificate", e);
        }
        return ders;
    }

    private static List<byte[]> hashes(List<byte[]> ders) {
        MessageDigest digest = sha256();
        List<byte[]> hashes = new ArrayList<>(ders.size());
        for (byte[] der : ders) {
            hashes.add(digest.digest(der));
        }
        return hashes;
    }

    /** Of the certificates and of all that the verdict on them depends on: for a root alone, no leaf's rules and no extension. */
    private static Bytes keyOf(List<byte[]> hashes, ChainProfile profile, boolean endsInLeaf) {
        MessageDigest digest = sha256();
        digest.update(new byte[] {
            (byte) (endsInLeaf ? 1 : 0),
            (byte) profile.vendor().ordinal(),
            (byte) profile.scheme().ordinal(),
            (byte) (endsInLeaf ? 1 + profile.leafKey().ordinal() : 0),
            (byte) (endsInLeaf && profile.leafSigns() ? 1 : 0),
            (byte) hashes.size()
        });
        hashes.forEach(digest::update);
        if (endsInLeaf || hashes.size() > 1) {
            for (String oid : new TreeSet<>(profile.understood())) {
                digest.update(oid.getBytes(StandardCharsets.US_ASCII));
                digest.update((byte) 0);
            }
        }
        return Bytes.of(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }

    private static String name(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }

    private static EvidenceRejectedException reject(RejectionReason reason, String detail) {
        return new EvidenceRejectedException(reason, detail);
    }
}
