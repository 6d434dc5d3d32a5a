package io.ebridge.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.vectors.Vectors;
import io.ebridge.attest.x509.X509;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Collateral is found by content, whatever the files are called, and within limits. */
class CollateralTest {

    private static final CollateralRequest ANY = new CollateralRequest.Nitro();

    @Test
    void piecesAreSortedByContent() throws Exception {
        Collateral collateral = Collateral.ofContents(List.of(
                Vectors.read("tdx/Phala-Network_dcap-qvl/derived/near_quote.tcb_info.json"),
                Vectors.read("sgx/Phala-Network_dcap-qvl/derived/sgx_quote.tcb_info_chain.pem"),
                Vectors.read("tdx/Phala-Network_dcap-qvl/derived/near_quote.qe_identity.json"),
                Vectors.read("sgx/automata-network_automata-dcap-attestation/solana_intel_root_ca_crl.der"),
                Vectors.read("tdx/Phala-Network_dcap-qvl/derived/near_quote.pck_crl.der"),
                Vectors.read("tdx/Phala-Network_dcap-qvl/derived/near_quote.pck_crl_chain.pem"),
                Vectors.read("snp/confidential-containers_trustee/genoa_ask_ark_asvk.pem"),
                Vectors.read("snp/confidential-containers_trustee/test-vlek.der"),
                Vectors.read("snp/confidential-containers_trustee/test-vcek.der"),
                "nothing that is known".getBytes(StandardCharsets.UTF_8)));
        assertThat(collateral.kinds())
                .containsExactlyInAnyOrder(
                        Kind.PCK_CHAIN,
                        Kind.PCK_CRL,
                        Kind.PCK_CRL_CHAIN,
                        Kind.ROOT_CA_CRL,
                        Kind.TCB_INFO,
                        Kind.TCB_INFO_CHAIN,
                        Kind.QE_IDENTITY,
                        Kind.QE_IDENTITY_CHAIN,
                        Kind.TCB_EVAL_NUMBERS_CHAIN,
                        Kind.VCEK,
                        Kind.VLEK,
                        Kind.ASK,
                        Kind.ASVK,
                        Kind.ARK);
        assertThat(X509.certificate(collateral.pieces(Kind.ASK).get(0).toByteArray())
                        .getSubjectX500Principal()
                        .getName())
                .contains("CN=SEV-Genoa");
    }

    @Test
    void aFolderIsEnoughToVerifyAQuote(@TempDir Path folder) throws Exception {
        Path deep = Files.createDirectories(folder.resolve("a/b"));
        int i = 0;
        for (String path : List.of(
                "tdx/Phala-Network_dcap-qvl/derived/near_quote.tcb_info.json",
                "sgx/Phala-Network_dcap-qvl/derived/sgx_quote.tcb_info_chain.pem",
                "tdx/Phala-Network_dcap-qvl/derived/near_quote.qe_identity.json",
                "sgx/automata-network_automata-dcap-attestation/solana_intel_root_ca_crl.der",
                "tdx/Phala-Network_dcap-qvl/derived/near_quote.pck_crl.der",
                "tdx/Phala-Network_dcap-qvl/derived/near_quote.pck_crl_chain.pem")) {
            Files.write((i % 2 == 0 ? folder : deep).resolve("file" + i++), Vectors.read(path));
        }
        Evidence quote = Evidence.of(EvidenceFormat.TDX, Vectors.read("tdx/Phala-Network_dcap-qvl/near_quote.bin"));
        EvidenceVerifier verifier = EvidenceVerifier.builder()
                .collateral(CollateralSource.files(folder))
                .clock(InstantSource.fixed(Instant.parse("2025-09-03T07:42:00Z")))
                .build();
        AttestationResult result = verifier.insecureWithoutAppraisal(quote, Strictness.full());
        assertThat(result.authenticity().revocationChecked()).isTrue();
        assertThat(result.authenticity().missing()).isEmpty();
    }

    @Test
    void aSourceThatFailsIsNamedWhereItsPiecesAreMissed() {
        Evidence quote = Evidence.of(EvidenceFormat.TDX, Vectors.read("tdx/Phala-Network_dcap-qvl/near_quote.bin"));
        EvidenceVerifier verifier = EvidenceVerifier.builder()
                .collateral(request -> {
                    throw new CollateralUnavailableException(
                            CollateralUnavailableException.Reason.UNREACHABLE, "nobody there", null);
                })
                .clock(InstantSource.fixed(Instant.parse("2025-09-03T07:42:00Z")))
                .build();
        assertThatThrownBy(() -> verifier.insecureWithoutAppraisal(quote, Strictness.full()))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> {
                    assertThat(e.reason()).isEqualTo(RejectionReason.COLLATERAL_UNAVAILABLE);
                    assertThat(e)
                            .hasMessageContaining("nobody there")
                            .hasCauseInstanceOf(CollateralUnavailableException.class);
                });
    }

    @Test
    void sourcesAddUp() throws Exception {
        Collateral one = Collateral.builder().add(Kind.ARK, new byte[] {1}).build();
        Collateral two = Collateral.builder()
                .add(Kind.ARK, new byte[] {2})
                .add(Kind.ARK, new byte[] {1})
                .add(Kind.ASK, new byte[] {3})
                .build();
        Collateral both = CollateralSource.inMemory(one)
                .and(CollateralSource.inMemory(two))
                .find(ANY);
        assertThat(both.pieces(Kind.ARK)).containsExactly(Bytes.of(new byte[] {1}), Bytes.of(new byte[] {2}));
        assertThat(both.pieces(Kind.ASK)).hasSize(1);
        assertThat(CollateralSource.none().find(ANY).isEmpty()).isTrue();
    }

    @Test
    void sizesAndNumbersAreBounded(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> Collateral.builder().add(Kind.ARK, new byte[Collateral.MAX_PIECE_BYTES + 1]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Collateral.builder().add(Kind.ARK, new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
        Collateral.Builder full = Collateral.builder();
        for (int i = 0; i < Collateral.MAX_PIECES; i++) {
            full.add(Kind.ARK, new byte[] {(byte) (i >> 8), (byte) i});
        }
        assertThatThrownBy(() -> full.add(Kind.ASK, new byte[] {1})).isInstanceOf(IllegalArgumentException.class);
        Files.write(folder.resolve("long"), new byte[Collateral.MAX_PIECE_BYTES + 1]);
        Files.createFile(folder.resolve("empty"));
        assertThatThrownBy(() -> CollateralSource.files(folder.resolve("absent")))
                .isInstanceOf(IOException.class);
        assertThat(Collateral.ofContents(List.of(new byte[Collateral.MAX_PIECE_BYTES + 1]))
                        .isEmpty())
                .isTrue();
    }

    @Test
    void builtInAnchorsAreTheVendors() {
        assertThat(TrustAnchors.builtIn().anchors())
                .extracting(anchor -> anchor.vendor() + " " + X509.commonName(anchor.subject()))
                .containsExactly(
                        "AWS aws.nitro-enclaves",
                        "INTEL Intel SGX Root CA",
                        "AMD ARK-Milan",
                        "AMD ARK-Genoa",
                        "AMD ARK-Turin");
        assertThatThrownBy(() -> TrustAnchors.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void formatsAreRecognised() {
        assertThat(Evidence.detect(
                        Vectors.read("nitro/evervault_attestation-doc-validation/valid-attestation-doc.cbor")))
                .contains(EvidenceFormat.NITRO);
        assertThat(Evidence.detect(Vectors.read("sgx/Phala-Network_dcap-qvl/sgx_quote")))
                .contains(EvidenceFormat.SGX);
        assertThat(Evidence.detect(Vectors.read("tdx/Phala-Network_dcap-qvl/near_quote.bin")))
                .contains(EvidenceFormat.TDX);
        assertThat(Evidence.detect(Vectors.read("snp/confidential-containers_trustee/test-report.bin")))
                .contains(EvidenceFormat.SNP);
        assertThat(Evidence.detect(new byte[10])).isEmpty();
        assertThat(Evidence.detect(new byte[2000])).isEmpty();
        assertThatThrownBy(() -> Evidence.of(EvidenceFormat.SGX, new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Evidence.of(EvidenceFormat.SGX, new byte[EvidenceFormat.SGX.maxBytes() + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
