package io.ebridge.attest.snp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.Vendor;
import io.ebridge.attest.x509.X509;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** Real reports and certificates, where they are at hand. */
final class SnpVectors {

    static final String MICROSOFT = "snp/microsoft_TEE-Attestation-Verification/";
    static final String TRUSTEE = "snp/confidential-containers_trustee/";
    static final String GOOGLE = "snp/google_go-sev-guest/";
    static final String VIRTEE = "snp/virtee_sev/";

    static final Strictness NO_CRL = Strictness.full().insecureWithoutRevocation();
    static final Instant IN_2026 = Instant.parse("2026-03-07T00:00:00Z");
    static final Instant IN_2023 = Instant.parse("2023-06-10T00:00:00Z");

    private SnpVectors() {}

    static Path root() {
        Path root = Path.of(System.getProperty("ebridge.vectors", "../shared/vectors"));
        assumeTrue(Files.isDirectory(root.resolve("snp")), "no vectors under " + root.toAbsolutePath());
        return root;
    }

    static byte[] file(String name) {
        try {
            return Files.readAllBytes(root().resolve(name));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Evidence evidence(String report, Collateral collateral) {
        return Evidence.of(EvidenceFormat.SNP, file(report)).withCollateral(collateral);
    }

    static Collateral chain(String vek, String ask, String ark) {
        return Collateral.builder()
                .add(Kind.VCEK, file(vek))
                .add(Kind.ASK, file(ask))
                .add(Kind.ARK, file(ark))
                .build();
    }

    static Collateral microsoft(String line) {
        return chain(MICROSOFT + line + "_vcek.pem", MICROSOFT + line + "_ask.pem", MICROSOFT + line + "_ark.pem");
    }

    static Evidence microsoftEvidence(String line) {
        return evidence(MICROSOFT + line + "_attestation_report.bin", microsoft(line));
    }

    static Evidence debugEvidence() {
        return evidence(
                GOOGLE + "attestation.bin",
                chain(GOOGLE + "vcek.testcer", GOOGLE + "ask_ark_milan.pem", GOOGLE + "ask_ark_milan.pem"));
    }

    static Evidence vlekEvidence() {
        return evidence(
                TRUSTEE + "test-vlek-report.bin",
                Collateral.builder()
                        .add(Kind.VLEK, file(TRUSTEE + "test-vlek.der"))
                        .add(Kind.ASVK, file(GOOGLE + "ask_ark_milan_vlek.pem"))
                        .add(Kind.ARK, file(GOOGLE + "ask_ark_milan_vlek.pem"))
                        .build());
    }

    static EvidenceVerifier.Builder verifier(Instant at) {
        return EvidenceVerifier.builder().clock(() -> at);
    }

    static TrustAnchors anchor(String file) throws Exception {
        return TrustAnchors.of(Vendor.AMD, X509.certificates(file(file)).get(0));
    }
}
