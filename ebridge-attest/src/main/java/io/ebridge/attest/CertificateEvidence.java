package io.ebridge.attest;

import io.ebridge.attest.cbor.CborException;
import io.ebridge.attest.cbor.CborReader;
import io.ebridge.attest.certificate.EvidenceOids;
import io.ebridge.attest.certificate.HashAlgorithm;
import io.ebridge.attest.certificate.TaggedEvidence;
import io.ebridge.attest.internal.CertificateExtensions;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Evidence found in, or given beside, a TLS certificate, with what binds it to the certificate's key.
 *
 * <p>Guaranteed by {@link #of}: where claims name the key, the name fits the certificate's key. Guaranteed by
 * {@link EvidenceVerifier#verify(CertificateEvidence, AppraisalPolicy)} in addition: the evidence is good, its report data covers
 * the key, and the certificate is valid now. Not guaranteed: that whoever shows the certificate has the key (TLS shows that), that
 * the evidence was made for this connection (a certificate can be replayed, and relayed if the key leaks: CCC interoperable
 * RA-TLS, notice of July 2026), nor the certificate's own signature, which nobody vouches for.
 */
public final class CertificateEvidence {

    /** How evidence is carried and bound. */
    public enum Scheme {
        /** Extension 2.23.133.5.4.9, CBOR tag 60000: report data = SHA-256(claims), claims name the key's hash. */
        TCG_DICE,
        /** Extension 1.2.840.113741.1337.6: a bare quote, report data = SHA-256(SubjectPublicKeyInfo). */
        INTEL_2018,
        /** As {@link #INTEL_2018} under the mis-encoded identifier of older Gramine. */
        GRAMINE_LEGACY,
        /** A Nitro document beside the certificate, whose {@code user_data} is the SubjectPublicKeyInfo. */
        NITRO_USER_DATA
    }

    private final Scheme scheme;
    private final Evidence evidence;
    private final Bytes boundReportData;
    private final Set<String> claims;
    private final Optional<HashAlgorithm> hash;
    private final Optional<Bytes> nonce;
    private final X509Certificate certificate;

    private CertificateEvidence(
            Scheme scheme,
            Evidence evidence,
            Bytes boundReportData,
            Set<String> claims,
            Optional<HashAlgorithm> hash,
            Optional<Bytes> nonce,
            X509Certificate certificate) {
        this.scheme = scheme;
        this.evidence = evidence;
        this.boundReportData = boundReportData;
        this.claims = claims;
        this.hash = hash;
        this.nonce = nonce;
        this.certificate = certificate;
    }

    /**
     * Finds evidence in a certificate: tagged evidence first, then the older extensions.
     *
     * @param certificate a leaf certificate
     * @return the evidence
     * @throws EvidenceRejectedException {@link RejectionReason#CERTIFICATE_WITHOUT_EVIDENCE} if there is none,
     *     {@link RejectionReason#CERTIFICATE_EVIDENCE_MALFORMED} if it does not parse, {@link RejectionReason#KEY_BINDING} if its
     *     claims name no key or another one
     */
    public static CertificateEvidence of(X509Certificate certificate) throws EvidenceRejectedException {
        Optional<byte[]> tagged = CertificateExtensions.content(certificate, EvidenceOids.TAGGED_EVIDENCE);
        if (tagged.isPresent()) {
            return ofTagged(tagged.get(), certificate);
        }
        Optional<byte[]> intel = CertificateExtensions.content(certificate, EvidenceOids.INTEL_2018_QUOTE);
        if (intel.isPresent()) {
            return ofQuote(Scheme.INTEL_2018, intel.get(), certificate);
        }
        Optional<byte[]> gramine = CertificateExtensions.content(certificate, EvidenceOids.GRAMINE_LEGACY_QUOTE);
        if (gramine.isPresent()) {
            return ofQuote(Scheme.GRAMINE_LEGACY, gramine.get(), certificate);
        }
        throw new EvidenceRejectedException(
                RejectionReason.CERTIFICATE_WITHOUT_EVIDENCE,
                "the certificate of " + certificate.getSubjectX500Principal().getName()
                        + " has no extension with evidence: the peer does not attest");
    }

    /**
     * A Nitro document that came beside a certificate and names its key in {@code user_data}.
     *
     * @param document the document
     * @param certificate the certificate
     * @return the evidence
     */
    public static CertificateEvidence nitroUserData(byte[] document, X509Certificate certificate) {
        return new CertificateEvidence(
                Scheme.NITRO_USER_DATA,
                Evidence.of(EvidenceFormat.NITRO, document),
                Bytes.of(certificate.getPublicKey().getEncoded()),
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                certificate);
    }

    private static CertificateEvidence ofTagged(byte[] content, X509Certificate certificate)
            throws EvidenceRejectedException {
        try {
            TaggedEvidence tagged = TaggedEvidence.parse(content);
            HashAlgorithm algorithm = requireKeyHash(tagged, certificate);
            byte[] digest = HashAlgorithm.SHA_256.hash(tagged.claimsBuffer().toByteArray());
            return new CertificateEvidence(
                    Scheme.TCG_DICE,
                    intelEvidence(tagged.quote().toByteArray()),
                    Bytes.of(Arrays.copyOf(digest, EvidenceRequest.REPORT_DATA_BYTES)),
                    tagged.claims().keySet(),
                    Optional.of(algorithm),
                    Optional.ofNullable(tagged.claims().get(TaggedEvidence.NONCE)),
                    certificate);
        } catch (CborException e) {
            throw new EvidenceRejectedException(
                    RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, "tagged evidence: " + e.getMessage(), e);
        }
    }

    private static HashAlgorithm requireKeyHash(TaggedEvidence tagged, X509Certificate certificate)
            throws CborException, EvidenceRejectedException {
        Bytes claim = tagged.claims().get(TaggedEvidence.PUBKEY_HASH);
        if (claim == null) {
            throw new EvidenceRejectedException(
                    RejectionReason.KEY_BINDING, "the claims beside the quote name no public key");
        }
        CborReader reader = CborReader.of(claim.toByteArray());
        int parts = reader.openArray(2);
        if (parts != 2) {
            throw reader.invalid(parts + " items in pubkey-hash instead of 2");
        }
        long id = reader.readUnsigned();
        byte[] expected = reader.readBytes(64);
        reader.end();
        HashAlgorithm algorithm = HashAlgorithm.of(id)
                .orElseThrow(() -> new EvidenceRejectedException(
                        RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, "pubkey-hash by an unknown algorithm, " + id));
        Bytes actual = Bytes.of(algorithm.hash(certificate.getPublicKey().getEncoded()));
        if (!actual.contentEquals(expected)) {
            throw new EvidenceRejectedException(
                    RejectionReason.KEY_BINDING, "the claims beside the quote name another public key");
        }
        return algorithm;
    }

    private static CertificateEvidence ofQuote(Scheme scheme, byte[] quote, X509Certificate certificate)
            throws EvidenceRejectedException {
        byte[] digest = HashAlgorithm.SHA_256.hash(certificate.getPublicKey().getEncoded());
        return new CertificateEvidence(
                scheme,
                intelEvidence(quote).withCollateral(CertificateExtensions.intelCollateral(certificate)),
                Bytes.of(Arrays.copyOf(digest, EvidenceRequest.REPORT_DATA_BYTES)),
                Set.of(),
                Optional.of(HashAlgorithm.SHA_256),
                Optional.empty(),
                certificate);
    }

    private static Evidence intelEvidence(byte[] quote) throws EvidenceRejectedException {
        EvidenceFormat format = Evidence.detect(quote)
                .filter(found -> found == EvidenceFormat.SGX || found == EvidenceFormat.TDX)
                .orElseThrow(() -> new EvidenceRejectedException(
                        RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, "the extension holds no Intel quote"));
        if (quote.length > format.maxBytes()) {
            throw new EvidenceRejectedException(
                    RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED, "a quote of " + quote.length + " bytes");
        }
        return Evidence.of(format, quote);
    }

    /**
     * How the evidence is carried and bound.
     *
     * @return the scheme
     */
    public Scheme scheme() {
        return scheme;
    }

    /**
     * The evidence, with collateral that the certificate carries.
     *
     * @return the evidence
     */
    public Evidence evidence() {
        return evidence;
    }

    /**
     * The same, with other collateral attached to the evidence.
     *
     * @param collateral the collateral, replacing what the certificate carries
     * @return a copy
     */
    public CertificateEvidence withCollateral(Collateral collateral) {
        return new CertificateEvidence(
                scheme, evidence.withCollateral(collateral), boundReportData, claims, hash, nonce, certificate);
    }

    /**
     * The report data that binds the evidence to the certificate's key; for Nitro, the {@code user_data}.
     *
     * @return what the evidence must carry
     */
    public Bytes boundReportData() {
        return boundReportData;
    }

    /**
     * The names of the claims beside the evidence, in their order.
     *
     * @return the names; empty for schemes without claims
     */
    public List<String> claims() {
        return List.copyOf(claims);
    }

    /**
     * The hash by which the key is bound.
     *
     * @return its name, or empty if the key itself is
     */
    public Optional<String> hashAlgorithm() {
        return hash.map(HashAlgorithm::name);
    }

    /**
     * The nonce among the claims.
     *
     * @return the nonce, or empty if there is none
     */
    public Optional<Bytes> nonce() {
        return nonce;
    }

    /**
     * SHA-256 of the certificate's SubjectPublicKeyInfo.
     *
     * @return 32 bytes
     */
    public Bytes publicKeySha256() {
        return Bytes.of(HashAlgorithm.SHA_256.hash(certificate.getPublicKey().getEncoded()));
    }

    /**
     * The certificate.
     *
     * @return the certificate
     */
    public X509Certificate certificate() {
        return certificate;
    }
}
