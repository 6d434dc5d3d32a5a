package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralSource;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.Vendor;
import io.ebridge.attest.intel.TcbPolicy;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxReference;
import io.ebridge.attest.sgx.SgxResult;
import io.ebridge.ratls.tls.CertificateJudge;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Real certificates of the CCC's interoperable RA-TLS through a client as users make it, each to the verdict that the manifest has for it. Their keys are
 * not at hand, so that it is the client's judgement of the chain that is tried, not a whole handshake.
 */
class InteroperableVectorsTest {

    @TestFactory
    List<DynamicTest> asTheManifestSays() throws Exception {
        Path root = Path.of(System.getProperty("ebridge.vectors", "absent"));
        assumeTrue(Files.isRegularFile(root.resolve("manifest.json")), "no vectors at " + root);
        List<DynamicTest> tests = new ArrayList<>();
        Map<?, ?> manifest = (Map<?, ?>) ManifestReader.read(Files.readString(root.resolve("manifest.json")));
        for (Object each : (List<?>) manifest.get("cases")) {
            Map<?, ?> wanted = (Map<?, ?>) each;
            if ("tcg-dice".equals(wanted.get("scheme"))) {
                tests.add(DynamicTest.dynamicTest(text(wanted, "id"), () -> judge(root, wanted)));
            }
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(9);
        return tests;
    }

    private static String text(Map<?, ?> node, String key) {
        return (String) java.util.Objects.requireNonNull(node.get(key), key);
    }

    private static void judge(Path root, Map<?, ?> wanted) throws Exception {
        X509Certificate certificate = certificate(root.resolve(text(wanted, "evidence")));
        Instant at = Instant.parse(text(wanted, "verify_at"));
        boolean full = text(wanted, "mode").equals("full");
        Map<?, ?> expect = (Map<?, ?>) wanted.get("expect");
        EvidenceVerifier verifier = EvidenceVerifier.builder()
                .trustAnchors(TrustAnchors.of(Vendor.INTEL, certificate(root.resolve(text(wanted, "anchor")))))
                .collateral(CollateralSource.inMemory(collateral(root, (Map<?, ?>) wanted.get("collateral"))))
                .clock(() -> at)
                .build();
        String mrEnclave = expect.get("measurements") instanceof Map<?, ?> measurements
                ? text(measurements, "mrenclave")
                : "11".repeat(32);
        SgxPolicy.Builder lenient = SgxPolicy.builder()
                .allow(SgxReference.code(Bytes.ofHex(mrEnclave)))
                .insecureAllowDebug();
        if (full) {
            lenient.tcb(TcbPolicy.builder()
                    .insecureAccept(TcbStatus.OUT_OF_DATE)
                    .insecureAcceptAnyAdvisory()
                    .build());
        } else {
            lenient.insecureSignaturesOnly();
        }
        CertificateJudge client = client(lenient.build(), verifier, at);
        X509Certificate[] chain = {certificate};
        if (!text(expect, "authentic").equals("true")) {
            Throwable thrown = catchThrowable(() -> client.judge(chain));
            assertThat(reason(thrown).name()).endsWith(text(expect, "reason").toUpperCase(Locale.ROOT));
            return;
        }
        AttestedPeer peer = client.judge(chain);
        assertThat(peer).isNotNull();
        assertThat(peer.mode()).isEqualTo(AttestedPeer.Mode.CERTIFICATE);
        SgxResult result = (SgxResult) peer.result();
        assertThat(result.reportData().orElseThrow().hex()).isEqualTo(text(expect, "report_data"));
        assertThat(result.appraisal().debug()).isEqualTo(text(expect, "debug").equals("true"));
        assertThat(result.tcb().isPresent()).isEqualTo(full);
        if (full) {
            assertThat(name(result.tcb().orElseThrow().status().name())).isEqualTo(name(text(expect, "tcb_status")));
        }

        // A policy without these concessions refuses what is authentic: they are debug enclaves, and out of date.
        SgxPolicy.Builder debug = SgxPolicy.builder().allow(SgxReference.code(Bytes.ofHex(mrEnclave)));
        SgxPolicy.Builder stale = SgxPolicy.builder()
                .allow(SgxReference.code(Bytes.ofHex(mrEnclave)))
                .insecureAllowDebug();
        if (full) {
            assertThat(reason(catchThrowable(
                            () -> client(stale.build(), verifier, at).judge(chain))))
                    .isEqualTo(RejectionReason.TCB_OUT_OF_DATE);
        } else {
            debug.insecureSignaturesOnly();
            assertThat(catchThrowable(() -> client(stale.build(), verifier, at).judge(chain)))
                    .as("full collateral is demanded by default")
                    .isInstanceOf(AttestedTlsException.class);
        }
        assertThat(catchThrowable(() -> client(debug.build(), verifier, at).judge(chain)))
                .isInstanceOf(AttestedTlsException.class);
    }

    private static String name(String status) {
        return status.replace("_", "").toUpperCase(Locale.ROOT);
    }

    private static RejectionReason reason(Throwable thrown) {
        assertThat(thrown).isInstanceOf(AttestedTlsException.class);
        return ((EvidenceRejectedException) thrown.getCause()).reason();
    }

    private static CertificateJudge client(SgxPolicy policy, EvidenceVerifier verifier, Instant at) throws Exception {
        return AttestedTls.client(policy)
                .verifier(verifier)
                .clock(() -> at)
                .insecureCertificateMode()
                .settings()
                .certificates();
    }

    private static Collateral collateral(Path root, Map<?, ?> pieces) throws Exception {
        Collateral.Builder builder = Collateral.builder();
        for (Map.Entry<?, ?> piece : pieces.entrySet()) {
            Collateral.Kind kind = Collateral.Kind.valueOf(((String) piece.getKey()).toUpperCase(Locale.ROOT));
            List<?> paths = piece.getValue() instanceof List<?> several ? several : List.of(piece.getValue());
            for (Object path : paths) {
                builder.add(kind, Files.readAllBytes(root.resolve((String) path)));
            }
        }
        return builder.build();
    }

    private static X509Certificate certificate(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
