package io.ebridge.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.cbor.CborException;
import io.ebridge.attest.cbor.CborWriter;
import io.ebridge.attest.certificate.EvidenceOids;
import io.ebridge.attest.certificate.HashAlgorithm;
import io.ebridge.attest.certificate.TaggedEvidence;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.vectors.Vectors;
import io.ebridge.attest.x509.X509;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

/** Evidence in certificates: found, read strictly, and bound to the key. */
class CertificateEvidenceTest {

    private static final byte[] QUOTE = quote();

    private static byte[] quote() {
        byte[] quote = new byte[64];
        quote[0] = 3;
        return quote;
    }

    private static KeyPair key() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static X509Certificate certificate(KeyPair key, String oid, byte[] content) throws Exception {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        X500Name name = new X500Name("CN=INSECURE TEST");
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name, BigInteger.ONE, Date.from(now), Date.from(now.plusSeconds(3600)), name, key.getPublic());
        builder.addExtension(new Extension(new ASN1ObjectIdentifier(oid), false, new DEROctetString(content)));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate())));
    }

    private static byte[] claims(KeyPair key, Map<String, byte[]> more) {
        Map<String, byte[]> claims = new LinkedHashMap<>();
        claims.put(
                TaggedEvidence.PUBKEY_HASH,
                TaggedEvidence.encodeSha256(
                        HashAlgorithm.SHA_256.hash(key.getPublic().getEncoded())));
        claims.putAll(more);
        return TaggedEvidence.encodeClaims(claims);
    }

    private static RejectionReason reason(X509Certificate certificate) {
        return catchThrowableOfType(EvidenceRejectedException.class, () -> CertificateEvidence.of(certificate))
                .reason();
    }

    @Test
    void readsTaggedEvidenceAndWhatMustBindIt() throws Exception {
        KeyPair key = key();
        byte[] claims = claims(key, Map.of("nonce", new byte[] {1, 2}, "extra", new byte[0]));
        CertificateEvidence found = CertificateEvidence.of(
                certificate(key, EvidenceOids.TAGGED_EVIDENCE, TaggedEvidence.encode(QUOTE, claims)));
        assertThat(found.scheme()).isEqualTo(CertificateEvidence.Scheme.TCG_DICE);
        assertThat(found.evidence().format()).isEqualTo(EvidenceFormat.SGX);
        assertThat(found.evidence().bytes().toByteArray()).isEqualTo(QUOTE);
        assertThat(found.claims()).containsExactlyInAnyOrder("pubkey-hash", "nonce", "extra");
        assertThat(found.nonce()).contains(Bytes.of(new byte[] {1, 2}));
        assertThat(found.boundReportData().slice(0, 32).toByteArray()).isEqualTo(HashAlgorithm.SHA_256.hash(claims));
        assertThat(found.boundReportData().slice(32, 32).isZero()).isTrue();
        assertThat(found.publicKeySha256().toByteArray())
                .isEqualTo(HashAlgorithm.SHA_256.hash(key.getPublic().getEncoded()));
    }

    @Test
    void claimsMustNameTheCertificatesKey() throws Exception {
        KeyPair key = key();
        byte[] others = TaggedEvidence.encode(QUOTE, claims(key(), Map.of()));
        assertThat(reason(certificate(key, EvidenceOids.TAGGED_EVIDENCE, others)))
                .isEqualTo(RejectionReason.KEY_BINDING);
        byte[] none = TaggedEvidence.encode(QUOTE, TaggedEvidence.encodeClaims(Map.of("nonce", new byte[8])));
        assertThat(reason(certificate(key, EvidenceOids.TAGGED_EVIDENCE, none))).isEqualTo(RejectionReason.KEY_BINDING);
    }

    @Test
    void longerHashesBindToo() throws Exception {
        KeyPair key = key();
        for (HashAlgorithm algorithm : HashAlgorithm.values()) {
            byte[] hash = new CborWriter()
                    .array(2)
                    .integer(algorithm.id())
                    .bytes(algorithm.hash(key.getPublic().getEncoded()))
                    .toByteArray();
            byte[] content =
                    TaggedEvidence.encode(QUOTE, TaggedEvidence.encodeClaims(Map.of(TaggedEvidence.PUBKEY_HASH, hash)));
            assertThat(CertificateEvidence.of(certificate(key, EvidenceOids.TAGGED_EVIDENCE, content))
                            .hashAlgorithm())
                    .contains(algorithm.name());
        }
    }

    @Test
    void whatDoesNotParseIsMalformed() throws Exception {
        KeyPair key = key();
        byte[] claims = claims(key, Map.of());
        byte[] good = TaggedEvidence.encode(QUOTE, claims);
        byte[] unknownHash = TaggedEvidence.encodeClaims(Map.of(
                TaggedEvidence.PUBKEY_HASH,
                new CborWriter().array(2).integer(2).bytes(new byte[32]).toByteArray()));
        byte[] twice = new CborWriter()
                .map(2)
                .text("pubkey-hash")
                .bytes(new byte[1])
                .text("pubkey-hash")
                .bytes(new byte[1])
                .toByteArray();
        for (byte[] content : List.of(
                new byte[0],
                java.util.Arrays.copyOf(good, good.length - 1),
                java.util.Arrays.copyOf(good, good.length + 1),
                new CborWriter().tag(60_001).array(2).bytes(QUOTE).bytes(claims).toByteArray(),
                new CborWriter().tag(60_000).array(1).bytes(QUOTE).toByteArray(),
                TaggedEvidence.encode(QUOTE, new byte[] {(byte) 0x80}),
                TaggedEvidence.encode(QUOTE, twice),
                TaggedEvidence.encode(QUOTE, unknownHash),
                TaggedEvidence.encode(new byte[64], claims),
                TaggedEvidence.encode(new byte[0], claims))) {
            assertThat(reason(certificate(key, EvidenceOids.TAGGED_EVIDENCE, content)))
                    .isEqualTo(RejectionReason.CERTIFICATE_EVIDENCE_MALFORMED);
        }
    }

    @Test
    void certificatesWithoutEvidenceSaySo() throws Exception {
        assertThat(reason(certificate(key(), "1.3.6.1.4.1.99999.1", QUOTE)))
                .isEqualTo(RejectionReason.CERTIFICATE_WITHOUT_EVIDENCE);
    }

    @Test
    void olderExtensionsHoldBareQuotes() throws Exception {
        KeyPair key = key();
        CertificateEvidence intel = CertificateEvidence.of(certificate(key, EvidenceOids.INTEL_2018_QUOTE, QUOTE));
        assertThat(intel.scheme()).isEqualTo(CertificateEvidence.Scheme.INTEL_2018);
        CertificateEvidence gramine =
                CertificateEvidence.of(certificate(key, EvidenceOids.GRAMINE_LEGACY_QUOTE, QUOTE));
        assertThat(gramine.scheme()).isEqualTo(CertificateEvidence.Scheme.GRAMINE_LEGACY);
        byte[] bound = gramine.boundReportData().toByteArray();
        assertThat(java.util.Arrays.copyOf(bound, 32))
                .isEqualTo(HashAlgorithm.SHA_256.hash(key.getPublic().getEncoded()));
    }

    @Test
    void certificatesOf2018BringTheirCollateral() throws Exception {
        X509Certificate certificate = X509.certificates(
                        Vectors.read("ratls/cloud-security-research_sgx-ra-tls/ecdsa-ratls.pem"))
                .get(0);
        Collateral collateral = CertificateEvidence.of(certificate).evidence().collateral();
        assertThat(collateral.kinds())
                .contains(Collateral.Kind.PCK_CHAIN, Collateral.Kind.TCB_INFO, Collateral.Kind.TCB_INFO_CHAIN);
        assertThat(collateral.pieces(Collateral.Kind.PCK_CHAIN)).hasSize(2);
        for (Bytes piece : collateral.pieces(Collateral.Kind.PCK_CHAIN)) {
            assertThat(X509.certificates(piece.toByteArray())).isNotEmpty();
        }
    }

    @Test
    void expectationsOfThePolicyMeetTheClaims() throws Exception {
        X509Certificate tls = X509.certificates(
                        Vectors.read("nitro/evervault_attestation-doc-validation/valid-certificate.der"))
                .get(0);
        byte[] document = Vectors.read("nitro/evervault_attestation-doc-validation/valid-attestation-doc.cbor");
        EvidenceVerifier verifier = EvidenceVerifier.builder()
                .clock(InstantSource.fixed(Instant.parse("2023-09-18T15:03:30.860Z")))
                .build();
        CertificateEvidence evidence = CertificateEvidence.nitroUserData(document, tls);
        NitroPolicy policy = NitroPolicy.builder()
                .pcr0(Bytes.ofHex("11".repeat(48)))
                .insecureAllowDebug()
                .build();
        AttestationResult result = verifier.verify(evidence, policy);
        assertThat(result.checks()).contains(RejectionReason.KEY_BINDING, RejectionReason.CERTIFICATE_EXPIRED);
        assertThatThrownBy(() -> verifier.verify(evidence, policy.withReportData(new byte[64])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> verifier.verify(evidence, policy.withNonce(new byte[] {1})))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.NONCE_MISMATCH));
        CertificateEvidence other = CertificateEvidence.nitroUserData(
                document,
                X509.certificates(Vectors.read("ratls/CCC-Attestation_interoperable-ra-tls/rats-tls-cert.pem"))
                        .get(0));
        assertThatThrownBy(() -> verifier.verify(other, policy))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.KEY_BINDING));
    }

    @Test
    void taggedEvidenceReadsBack() throws CborException {
        byte[] claims = TaggedEvidence.encodeClaims(Map.of("a", new byte[] {1}));
        TaggedEvidence parsed = TaggedEvidence.parse(TaggedEvidence.encode(QUOTE, claims));
        assertThat(parsed.quote().toByteArray()).isEqualTo(QUOTE);
        assertThat(parsed.claims()).containsEntry("a", Bytes.of(new byte[] {1}));
    }
}
