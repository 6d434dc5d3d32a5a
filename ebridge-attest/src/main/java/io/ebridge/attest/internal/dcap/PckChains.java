package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.CollateralRequest.Intel.PckCa;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Vendor;
import io.ebridge.attest.crypto.SignatureScheme;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.x509.ChainProfile;
import io.ebridge.attest.x509.ChainProfile.KeyKind;
import io.ebridge.attest.x509.X509;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds and orders the certificates behind a quote and behind Intel's documents (Intel SGX PCK Certificate and CRL Profile
 * Specification). It trusts nothing; what it finds goes to the chain validator.
 */
final class PckChains {

    /** Leaf, PCK CA, root: exactly three, P-256 and SHA-256 throughout. Early certificates have a critical SGX extension. */
    static final ChainProfile PCK =
            new ChainProfile(Vendor.INTEL, SignatureScheme.ES256, KeyKind.P256, 3, 3, true, Set.of(PckExtension.OID));

    /** TCB signer and root. */
    static final ChainProfile SIGNER = new ChainProfile(Vendor.INTEL, SignatureScheme.ES256, KeyKind.P256, 2, 2, true);

    static final String LEAF_NAME = "Intel SGX PCK Certificate";
    static final String SIGNER_NAME = "Intel SGX TCB Signing";
    private static final String PROCESSOR_CA = "Intel SGX PCK Processor CA";
    private static final String PLATFORM_CA = "Intel SGX PCK Platform CA";
    private static final String ROOT_NAME = "Intel SGX Root CA";
    private static final int MAX_CERTIFICATES = 64;

    private PckChains() {}

    /** The certificates of a PEM text in a quote: blocks and white space, perhaps zero bytes at the end, and nothing else. */
    static List<X509Certificate> embedded(Bytes certificationData) throws EvidenceRejectedException {
        byte[] pem = certificationData.toByteArray();
        if (!X509.looksLikePem(pem) || !isOnlyBlocks(pem)) {
            throw new EvidenceRejectedException(
                    RejectionReason.CERTIFICATE_MALFORMED, "the quote's certification data is no chain in PEM");
        }
        return X509.certificates(pem);
    }

    private static boolean isOnlyBlocks(byte[] pem) {
        String text = new String(pem, StandardCharsets.ISO_8859_1);
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == 0) {
            end--;
        }
        int at = 0;
        while (at < end) {
            char c = text.charAt(at);
            if (c == '\n' || c == '\r' || c == ' ' || c == '\t') {
                at++;
                continue;
            }
            int close = text.startsWith("-----BEGIN CERTIFICATE-----", at)
                    ? text.indexOf("-----END CERTIFICATE-----", at)
                    : -1;
            if (close < 0 || close >= end) {
                return false;
            }
            at = close + "-----END CERTIFICATE-----".length();
        }
        return true;
    }

    /** All certificates of some pieces; those that do not parse are left out, unless none does. */
    static List<X509Certificate> pool(List<Bytes> pieces, VerificationContext context)
            throws EvidenceRejectedException {
        List<X509Certificate> pool = new ArrayList<>();
        EvidenceRejectedException first = null;
        for (Bytes piece : pieces) {
            try {
                for (X509Certificate certificate : Parsed.certificates(piece, context)) {
                    if (pool.size() < MAX_CERTIFICATES * 64 && !pool.contains(certificate)) {
                        pool.add(certificate);
                    }
                }
            } catch (EvidenceRejectedException e) {
                first = first == null ? e : first;
            }
        }
        if (pool.isEmpty() && first != null) {
            throw first;
        }
        return pool;
    }

    /** The certificates with a common name, those valid at an instant first, newest first. */
    static List<X509Certificate> named(List<X509Certificate> pool, String commonName, Instant now) {
        return pool.stream()
                .filter(c -> X509.commonName(c.getSubjectX500Principal()).equals(commonName))
                .sorted(byUse(now))
                .toList();
    }

    private static Comparator<X509Certificate> byUse(Instant now) {
        return Comparator.comparing((X509Certificate c) -> !isValid(c, now))
                .thenComparing(c -> c.getNotBefore(), Comparator.reverseOrder());
    }

    private static boolean isValid(X509Certificate certificate, Instant now) {
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }

    /** A chain from a leaf by issuers' names, as far as the pool reaches, at most a number of certificates. */
    static List<X509Certificate> chain(X509Certificate leaf, List<X509Certificate> pool, int max, Instant now) {
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(leaf);
        X509Certificate last = leaf;
        while (chain.size() < max && !isSelfIssued(last)) {
            X509Certificate below = last;
            Optional<X509Certificate> issuer = pool.stream()
                    .filter(c -> c.getSubjectX500Principal().equals(below.getIssuerX500Principal()))
                    .min(byUse(now));
            if (issuer.isEmpty()) {
                return chain;
            }
            last = issuer.get();
            chain.add(last);
        }
        return chain;
    }

    private static boolean isSelfIssued(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    /** Requires the order leaf, CA, root, or restores it if the strictness accepts any. */
    static List<X509Certificate> ordered(List<X509Certificate> chain, VerificationContext context)
            throws EvidenceRejectedException {
        boolean inOrder = true;
        for (int i = 0; i + 1 < chain.size(); i++) {
            inOrder &= chain.get(i)
                    .getIssuerX500Principal()
                    .equals(chain.get(i + 1).getSubjectX500Principal());
        }
        if (inOrder) {
            context.passed(RejectionReason.PCK_CHAIN_ORDER);
            return chain;
        }
        List<X509Certificate> leaves = named(chain, LEAF_NAME, context.now());
        List<X509Certificate> restored =
                leaves.isEmpty() ? List.of() : chain(leaves.get(0), chain, chain.size(), context.now());
        if (restored.size() != chain.size()) {
            // Not a question of order: the validator says what is wrong.
            return chain;
        }
        if (!context.strictness().acceptsUnorderedChain()) {
            throw new EvidenceRejectedException(
                    RejectionReason.PCK_CHAIN_ORDER,
                    "the PCK chain is not in the order leaf, CA, root; a strictness may accept that");
        }
        return restored;
    }

    /** Requires the three names of the profile, and tells which CA issued the leaf. */
    static PckCa requireNames(List<X509Certificate> chain, VerificationContext context)
            throws EvidenceRejectedException {
        String leaf = X509.commonName(chain.get(0).getSubjectX500Principal());
        String ca = X509.commonName(chain.get(1).getSubjectX500Principal());
        String root = X509.commonName(chain.get(2).getSubjectX500Principal());
        context.require(
                leaf.equals(LEAF_NAME) && (ca.equals(PROCESSOR_CA) || ca.equals(PLATFORM_CA)) && root.equals(ROOT_NAME),
                RejectionReason.PCK_CERTIFICATE_NAME,
                () -> "the PCK chain is of " + leaf + ", " + ca + ", " + root);
        return ca.equals(PROCESSOR_CA) ? PckCa.PROCESSOR : PckCa.PLATFORM;
    }

    /** Which CA a leaf names as its issuer; a guess to fetch collateral by. */
    static PckCa guessCa(X509Certificate leaf) {
        return X509.commonName(leaf.getIssuerX500Principal()).equals(PROCESSOR_CA) ? PckCa.PROCESSOR : PckCa.PLATFORM;
    }
}
