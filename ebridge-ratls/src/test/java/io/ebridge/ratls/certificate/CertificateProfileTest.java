package io.ebridge.ratls.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.Vendor;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxReference;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.configuration.FlatRoot;
import io.ebridge.ratls.tls.LeafCertificates;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CertificateProfileTest {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Bytes ROOT =
            FlatRoot.of(List.of(Optional.of("ca".getBytes()), Optional.empty(), Optional.of("pem".getBytes())));

    @TempDir
    Path directory;

    private static CertificateIssuer issuer() throws Exception {
        KeyPair keys = LeafCertificates.newKeys(RANDOM);
        Instant now = Instant.now();
        X509Certificate ca = LeafCertificates.build(
                new LeafCertificates.Spec(
                        new X500Name("C=GB,O=INSECURE TEST,CN=Intermediate"),
                        null,
                        List.of(),
                        now.minus(Duration.ofDays(2)),
                        now.plus(Duration.ofDays(30)),
                        Map.of("2.5.29.19", HexFormat.of().parseHex("30030101ff"))),
                keys,
                RANDOM);
        return new CertificateIssuer(ca, keys.getPrivate());
    }

    private static CertificateProfile.Content content() {
        return new CertificateProfile.Content(
                "orders.example.com",
                List.of("orders.example.com", "127.0.0.1"),
                ROOT,
                Map.of(RatlsOid.EGRESS_CA_BUNDLE.oid(), new byte[32]),
                Duration.ofHours(12));
    }

    static Stream<Arguments> profiles() throws Exception {
        CertificateIssuer issuer = issuer();
        return Stream.of(
                Arguments.of(CertificateProfile.enclaveOs(issuer), FakeQuotingEnclave.sgx()),
                Arguments.of(CertificateProfile.enclaveOs(issuer), FakeQuotingEnclave.tdx()),
                Arguments.of(CertificateProfile.enclaveOs(issuer), FakeQuotingEnclave.snp()),
                Arguments.of(CertificateProfile.interoperable(), FakeQuotingEnclave.sgx()),
                Arguments.of(CertificateProfile.interoperable(), FakeQuotingEnclave.tdx()),
                Arguments.of(CertificateProfile.ebridge(), FakeQuotingEnclave.nitro()),
                Arguments.of(CertificateProfile.ebridge(), FakeQuotingEnclave.sgx()),
                Arguments.of(CertificateProfile.ebridge(), FakeQuotingEnclave.tdx()),
                Arguments.of(CertificateProfile.ebridge(), FakeQuotingEnclave.snp()));
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void roundTrip(CertificateProfile profile, FakeQuotingEnclave enclave) throws Exception {
        CertificateProfile.Issued issued = profile.issue(content(), enclave, Instant.now(), RANDOM);
        X509Certificate leaf = issued.chain().get(0);

        AttestedCertificate read = AttestedCertificate.read(leaf);
        assertThat(read.profile()).isEqualTo(profile.kind());
        assertThat(read.evidence().format()).isEqualTo(enclave.format());
        assertThat(read.verify(enclave.verifier(), enclave.policy()).format()).isEqualTo(enclave.format());
        assertThat(leaf.getCriticalExtensionOIDs()).isNullOrEmpty();
        if (profile.kind() != CertificateProfile.Kind.INTEROPERABLE) {
            assertThat(read.configurationRoot()).contains(ROOT);
        }
        if (profile.kind() == CertificateProfile.Kind.EBRIDGE) {
            assertThat(read.service()).contains("orders.example.com");
        }
        // The same evidence over another key is worth nothing.
        X509Certificate stolen = withExtensionsOf(leaf);
        assertThatThrownBy(() -> AttestedCertificate.read(stolen).verify(enclave.verifier(), enclave.policy()))
                .satisfiesAnyOf(
                        e -> assertThat(e)
                                .isInstanceOfSatisfying(EvidenceRejectedException.class, r -> assertThat(r.reason())
                                        .isIn(RejectionReason.REPORT_DATA_MISMATCH, RejectionReason.KEY_BINDING)),
                        e -> assertThat(e).isInstanceOf(AttestedTlsException.class));
    }

    private static X509Certificate withExtensionsOf(X509Certificate leaf) throws Exception {
        KeyPair keys = LeafCertificates.newKeys(RANDOM);
        Map<String, byte[]> extensions = new java.util.LinkedHashMap<>();
        for (String oid : leaf.getNonCriticalExtensionOIDs()) {
            extensions.put(
                    oid,
                    org.bouncycastle.asn1.ASN1OctetString.getInstance(leaf.getExtensionValue(oid))
                            .getOctets());
        }
        return LeafCertificates.build(
                new LeafCertificates.Spec(
                        new X500Name("CN=thief"),
                        null,
                        List.of(),
                        leaf.getNotBefore().toInstant(),
                        leaf.getNotAfter().toInstant(),
                        extensions),
                keys,
                RANDOM);
    }

    @Test
    void enclaveOsLeafIsLaidOutAsTheSeedHasIt() throws Exception {
        CertificateIssuer issuer = issuer();
        CertificateProfile.Issued issued =
                CertificateProfile.enclaveOs(issuer).issue(content(), FakeQuotingEnclave.sgx(), Instant.now(), RANDOM);
        X509Certificate leaf = issued.chain().get(0);
        assertThat(issued.chain()).containsExactly(leaf, issuer.certificate());
        assertThat(leaf.getSubjectX500Principal().getName())
                .contains("CN=Enclave OS RA-TLS")
                .contains("O=INSECURE TEST");
        assertThat(Duration.between(
                        leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofHours(24));
        assertThat(leaf.getNotBefore().toInstant().getEpochSecond() % 60).isZero();
        assertThat(leaf.getNonCriticalExtensionOIDs())
                .containsExactlyInAnyOrder("1.2.840.113741.1.13.1.0", "1.3.6.1.4.1.65230.1.1", "1.3.6.1.4.1.65230.2.1");
        // Raw inside the OCTET STRING: two bytes of header before the root.
        assertThat(leaf.getExtensionValue("1.3.6.1.4.1.65230.1.1"))
                .startsWith(4, 32)
                .endsWith(ROOT.toByteArray())
                .hasSize(34);
        AttestedCertificate.read(leaf).requireIssuedBy(List.of(issuer.certificate()), Instant.now());
        assertThatThrownBy(() ->
                        AttestedCertificate.read(leaf).requireIssuedBy(List.of(issuer().certificate()), Instant.now()))
                .isInstanceOf(AttestedTlsException.class);
    }

    @Test
    void openSslAgreesWithEnclaveOsCertificates() throws Exception {
        assumeTrue(openssl("version").contains("OpenSSL"), "no openssl binary here");
        CertificateIssuer issuer = issuer();
        X509Certificate leaf = CertificateProfile.enclaveOs(issuer)
                .issue(content(), FakeQuotingEnclave.sgx(), Instant.now(), RANDOM)
                .chain()
                .get(0);
        Path ca = pem("ca.pem", issuer.certificate());
        Path file = pem("leaf.pem", leaf);
        assertThat(openssl("verify", "-CAfile", ca.toString(), file.toString())).contains("leaf.pem: OK");
        assertThat(openssl("x509", "-in", file.toString(), "-noout", "-text"))
                .contains("Version: 3 (0x2)")
                .contains("ecdsa-with-SHA256")
                .contains("NIST CURVE: P-256")
                .contains("CN = Enclave OS RA-TLS")
                .contains("1.2.840.113741.1.13.1.0")
                .contains("1.3.6.1.4.1.65230.1.1")
                .doesNotContain("critical");
        assertThat(openssl("asn1parse", "-in", file.toString())).contains("1.3.6.1.4.1.65230.2.1");
        Path stranger = pem("stranger.pem", issuer().certificate());
        assertThat(openssl("verify", "-CAfile", stranger.toString(), file.toString()))
                .doesNotContain("OK");
    }

    private Path pem(String name, X509Certificate certificate) throws Exception {
        Path file = directory.resolve(name);
        Files.writeString(
                file,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        return file;
    }

    private static String openssl(String... arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return "absent: " + e.getMessage();
        }
        try (InputStream out = process.getInputStream()) {
            String text = new String(out.readAllBytes());
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            return text;
        }
    }

    @Test
    void reportDataIsAsPublished() throws Exception {
        byte[] spki = HexFormat.of()
                .parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                        + "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                        + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
        byte[] hash = Bytes.of(spki).sha256().toByteArray();
        assertThat(HexFormat.of().formatHex(hash)).startsWith("5cd252fb").endsWith("27cd3");
        assertThat(HexFormat.of().formatHex(ReportDataForms.enclaveOs(hash, Instant.parse("2023-11-14T22:13:00Z"))))
                .isEqualTo("6fc99447eebcc051bfbb440024bd48b808906d57e7b221c85c7b2c37c81815d4"
                        + "e40c52600d6a6192f594a538113354c4876a3461b71831748cbaa8bf20cb0486");
    }

    @Test
    void challengeModeCertificatesOfTheSeedAreRefused() throws Exception {
        KeyPair keys = LeafCertificates.newKeys(RANDOM);
        X509Certificate longLived = LeafCertificates.build(
                new LeafCertificates.Spec(
                        new X500Name("CN=Enclave OS RA-TLS"),
                        null,
                        List.of(),
                        Instant.parse("2024-01-01T00:00:00Z"),
                        Instant.parse("2030-12-31T00:00:00Z"),
                        Map.of(RatlsOid.SGX_QUOTE.oid(), new byte[5000])),
                keys,
                RANDOM);
        assertThatThrownBy(() -> AttestedCertificate.read(longLived))
                .isInstanceOfSatisfying(AttestedTlsException.class, e -> assertThat(e.reason())
                        .isEqualTo(AttestedTlsException.Reason.PROFILE));
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.CsvSource({
        "gramine-cert.pem, 2022-11-27T15:49:20Z, 2029-11-27T15:49:19Z, "
                + "0866e7ca11b9f4efe4bf39b2607f4e1299f111920d96d95719080f01b62b7585",
        "intel-sgxsdk-cert.pem, 2023-12-16T05:45:37Z, 2030-12-16T05:45:36Z, "
                + "09e218a4be9dadbf7cdc82c45497d6d4f676d3b75445fc37a376f0b65b47de6a",
        "rats-tls-cert.pem, 2023-02-23T16:10:23Z, 2024-02-23T17:10:22Z, "
                + "38e1b40b8c68186f359c97ecb6a89965d9d8638f2df06fbe18e84d79a266c041"
    })
    void interoperableCertificatesOfOthers(String file, Instant good, Instant late, String mrEnclave) throws Exception {
        Path vectors = Path.of(System.getProperty("ebridge.vectors", "absent"));
        assumeTrue(Files.isDirectory(vectors), "no vectors at " + vectors);
        AttestedCertificate read = AttestedCertificate.read(certificate(
                vectors.resolve("ratls/CCC-Attestation_interoperable-ra-tls").resolve(file)));
        X509Certificate anchor =
                certificate(vectors.resolve("sgx/automata-network_automata-dcap-attestation/solana_root.der"));
        assertThat(read.profile()).isEqualTo(CertificateProfile.Kind.INTEROPERABLE);
        // They are debug enclaves, and there is no collateral for them: the manifest's verdict is on signatures.
        SgxPolicy policy = SgxPolicy.builder()
                .allow(SgxReference.code(Bytes.ofHex(mrEnclave)))
                .insecureAllowDebug()
                .insecureSignaturesOnly()
                .build();
        assertThat(read.verify(verifier(anchor, good), policy).format()).isEqualTo(EvidenceFormat.SGX);
        assertThatThrownBy(() -> read.verify(verifier(anchor, late), policy))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.CERTIFICATE_EXPIRED));
        SgxPolicy strict = SgxPolicy.builder()
                .allow(SgxReference.code(Bytes.ofHex(mrEnclave)))
                .insecureSignaturesOnly()
                .build();
        assertThatThrownBy(() -> read.verify(verifier(anchor, good), strict))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.DEBUG));
    }

    private static EvidenceVerifier verifier(X509Certificate anchor, Instant at) {
        return EvidenceVerifier.builder()
                .trustAnchors(TrustAnchors.of(Vendor.INTEL, anchor))
                .clock(() -> at)
                .build();
    }

    private static X509Certificate certificate(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
