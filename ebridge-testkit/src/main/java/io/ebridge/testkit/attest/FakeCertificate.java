package io.ebridge.testkit.attest;

import io.ebridge.attest.CertificateEvidence;
import io.ebridge.attest.CertificateEvidence.Scheme;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.certificate.EvidenceOids;
import io.ebridge.attest.certificate.TaggedEvidence;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.jspecify.annotations.Nullable;

/**
 * A self-signed TLS certificate whose key a {@link FakeQuotingEnclave} vouches for, in each of the ways that
 * {@link CertificateEvidence} reads.
 *
 * <p>Guarantees: the enclave's {@link FakeQuotingEnclave#verifier() verifier} accepts {@link #evidence()} under its
 * {@link FakeQuotingEnclave#policy() policy}; a {@link Defect} of the enclave that lies in {@link Defect#schemes() certificates} shows here and
 * nowhere else, every other one in the evidence inside. The same enclave, clock and nonce give the same bytes. The subject says
 * {@code INSECURE TEST}. Not guaranteed: any secrecy of {@link #privateKey()}, which follows from the seed.
 *
 * <pre>{@code
 * FakeQuotingEnclave enclave = FakeQuotingEnclave.sgx();
 * FakeCertificate peer = FakeCertificate.of(enclave, CertificateEvidence.Scheme.TCG_DICE);
 * enclave.verifier().verify(peer.evidence(), enclave.policy());
 * }</pre>
 *
 * <p>Valid from an hour before the enclave's clock to a day after it. Immutable and thread-safe.
 */
public final class FakeCertificate {
    private final CertSpec.Issued issued;
    private final EcKey key;
    private final byte @Nullable [] document;

    private FakeCertificate(CertSpec.Issued issued, EcKey key, byte @Nullable [] document) {
        this.issued = issued;
        this.key = key;
        this.document = document;
    }

    /**
     * A certificate without a nonce.
     *
     * @param enclave vouches for the key
     * @param scheme how the evidence is carried; {@link Scheme#NITRO_USER_DATA} for Nitro, the others for SGX and TDX
     * @return the certificate
     * @throws EvidenceUnavailableException if the enclave was told to fail
     * @throws IllegalArgumentException if the scheme does not carry evidence of the enclave's format
     */
    public static FakeCertificate of(FakeQuotingEnclave enclave, Scheme scheme) throws EvidenceUnavailableException {
        return make(enclave, scheme, null);
    }

    /**
     * A certificate made for one verifier.
     *
     * @param enclave vouches for the key
     * @param scheme {@link Scheme#TCG_DICE}, where the nonce is a claim, or {@link Scheme#NITRO_USER_DATA}, where the document has it
     * @param nonce the verifier's nonce
     * @return the certificate
     * @throws EvidenceUnavailableException if the enclave was told to fail
     * @throws IllegalArgumentException if the scheme does not carry evidence of the enclave's format, or no nonce
     */
    public static FakeCertificate of(FakeQuotingEnclave enclave, Scheme scheme, byte[] nonce)
            throws EvidenceUnavailableException {
        if (scheme != Scheme.TCG_DICE && scheme != Scheme.NITRO_USER_DATA) {
            throw new IllegalArgumentException(scheme + " carries no nonce");
        }
        return make(enclave, scheme, nonce.clone());
    }

    private static FakeCertificate make(FakeQuotingEnclave enclave, Scheme scheme, byte @Nullable [] nonce)
            throws EvidenceUnavailableException {
        EvidenceFormat format = Objects.requireNonNull(enclave, "enclave").format();
        if (!Defect.formats(scheme).contains(format)) {
            throw new IllegalArgumentException(scheme + " carries no evidence of " + format);
        }
        Instant now = enclave.now();
        Tampering tampering = enclave.tampering(now);
        EcKey key = EcKey.derive(enclave.seed(), EcKey.Curve.P256, "certificate " + scheme);
        CertSpec spec = certificate(enclave.seed(), scheme, key, now.truncatedTo(ChronoUnit.SECONDS));
        byte[] document = null;
        if (scheme == Scheme.NITRO_USER_DATA) {
            byte[] userData = tampering.pass(Site.CARRIER_BINDING, CertSpec.der(key.spki()));
            document = enclave.nitroDocument(userData, nonce);
        } else {
            spec.ext(new ASN1ObjectIdentifier(oid(scheme)), false, content(enclave, scheme, key, nonce, tampering));
        }
        return new FakeCertificate(tampering.pass(Site.CARRIER, spec).issue(), key, document);
    }

    private static CertSpec certificate(Seed seed, Scheme scheme, EcKey key, Instant second) {
        X500Name name = new X500Name("CN=attested peer, O=" + Names.MARK);
        return new CertSpec(
                name,
                key.spki(),
                name,
                key,
                seed.serial("certificate " + scheme, 16),
                second.minus(Duration.ofHours(1)),
                second.plus(Duration.ofDays(1)));
    }

    static String oid(Scheme scheme) {
        return switch (scheme) {
            case TCG_DICE -> EvidenceOids.TAGGED_EVIDENCE;
            case INTEL_2018 -> EvidenceOids.INTEL_2018_QUOTE;
            case GRAMINE_LEGACY -> EvidenceOids.GRAMINE_LEGACY_QUOTE;
            case NITRO_USER_DATA -> throw new IllegalArgumentException("the document lies beside the certificate");
        };
    }

    private static byte[] content(
            FakeQuotingEnclave enclave, Scheme scheme, EcKey key, byte @Nullable [] nonce, Tampering tampering)
            throws EvidenceUnavailableException {
        byte[] keyHash = Digests.sha256(CertSpec.der(key.spki()));
        if (scheme != Scheme.TCG_DICE) {
            return tampering.pass(Site.CARRIER_CONTENT, quote(enclave, keyHash, tampering));
        }
        Map<String, byte[]> claims = new LinkedHashMap<>();
        claims.put(TaggedEvidence.PUBKEY_HASH, TaggedEvidence.encodeSha256(keyHash));
        if (nonce != null) {
            claims.put(TaggedEvidence.NONCE, nonce);
        }
        byte[] buffer = tampering.pass(
                Site.CARRIER_BUFFER, TaggedEvidence.encodeClaims(tampering.pass(Site.CARRIER_CLAIMS, claims)));
        byte[] quote = quote(enclave, Digests.sha256(buffer), tampering);
        return tampering.pass(Site.CARRIER_CONTENT, TaggedEvidence.encode(quote, buffer));
    }

    private static byte[] quote(FakeQuotingEnclave enclave, byte[] hash, Tampering tampering)
            throws EvidenceUnavailableException {
        byte[] reportData = Arrays.copyOf(hash, EvidenceRequest.REPORT_DATA_BYTES);
        return enclave.quote(tampering.pass(Site.CARRIER_BINDING, reportData), null)
                .bytes()
                .toByteArray();
    }

    /**
     * The certificate.
     *
     * @return a self-signed certificate over a P-256 key
     */
    public X509Certificate certificate() {
        return issued.x509();
    }

    /**
     * The certificate's private key, for a TLS engine under test.
     *
     * @return a key that everybody can derive
     */
    public PrivateKey privateKey() {
        return key.privateKey();
    }

    /**
     * What a verifier reads out of the certificate, or out of the document that comes beside it.
     *
     * @return the evidence
     * @throws EvidenceRejectedException if a {@link Defect} makes it unreadable
     */
    public CertificateEvidence evidence() throws EvidenceRejectedException {
        return document == null
                ? CertificateEvidence.of(certificate())
                : CertificateEvidence.nitroUserData(document, certificate());
    }

    /** The subject. */
    @Override
    public String toString() {
        return "FakeCertificate[" + issued.spec().subject + "]";
    }
}
