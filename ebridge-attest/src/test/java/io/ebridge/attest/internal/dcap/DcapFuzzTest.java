package io.ebridge.attest.internal.dcap;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.CollateralRequest.Intel.PckCa;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.intel.EnclaveReport;
import io.ebridge.attest.vectors.Vectors;
import io.ebridge.attest.x509.X509;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every parser of this package gives a value or a typed rejection, whatever the bytes. */
class DcapFuzzTest {

    private static final int MAX_SEEDS = 12;
    private static final EvidenceVerifier VERIFIER = EvidenceVerifier.builder()
            .clock(InstantSource.fixed(Instant.parse("2025-06-20T10:56:12Z")))
            .build();

    static Stream<Arguments> quotes() {
        return Stream.concat(Vectors.seeds("sgx"), Vectors.seeds("tdx"))
                .filter(seed -> seed.length > 1000 && seed.length < 10_000 && seed[0] >= 3 && seed[0] <= 5)
                .limit(MAX_SEEDS)
                .map(seed -> Arguments.of((Object) seed));
    }

    static Stream<Arguments> documents() {
        return Stream.concat(Vectors.seeds("tdx"), Vectors.seeds("sgx"))
                .filter(seed -> seed.length > 0 && seed[0] == '{')
                .limit(MAX_SEEDS)
                .map(seed -> Arguments.of((Object) seed));
    }

    static Stream<Arguments> extensions() {
        List<Arguments> seeds = new ArrayList<>();
        Stream.concat(Vectors.seeds("sgx"), Vectors.seeds("tdx")).forEach(seed -> {
            try {
                for (X509Certificate certificate : X509.certificates(seed)) {
                    byte[] extension = certificate.getExtensionValue(PckExtension.OID);
                    if (extension != null) {
                        seeds.add(Arguments.of((Object) new DerReader(extension).octets(extension.length - 4)));
                    }
                }
            } catch (EvidenceRejectedException | DerReader.DerException notACertificate) {
                assertThat(notACertificate).hasMessageContaining(" ");
            }
        });
        return seeds.stream().limit(MAX_SEEDS);
    }

    @MethodSource("quotes")
    @FuzzTest
    void quote(byte[] data) {
        for (EvidenceFormat format : new EvidenceFormat[] {EvidenceFormat.SGX, EvidenceFormat.TDX}) {
            for (Strictness.Trailing trailing : Strictness.Trailing.values()) {
                try {
                    Quote quote = QuoteParser.parse(data, format, trailing);
                    assertThat(quote.sgx() == null).isNotEqualTo(quote.tdx() == null);
                    assertThat(quote.signed().length() + quote.trailing()).isLessThan(data.length);
                    assertThat(quote.qeReportBytes().length()).isEqualTo(EnclaveReport.BYTES);
                } catch (EvidenceRejectedException e) {
                    assertThat(e.reason()).isNotNull();
                }
            }
        }
    }

    @MethodSource("quotes")
    @FuzzTest
    void verification(byte[] data) {
        for (EvidenceFormat format : new EvidenceFormat[] {EvidenceFormat.SGX, EvidenceFormat.TDX}) {
            if (data.length == 0 || data.length > format.maxBytes()) {
                continue;
            }
            try {
                VERIFIER.insecureWithoutAppraisal(
                        Evidence.of(format, data), Strictness.full().insecureSignaturesOnly());
            } catch (EvidenceRejectedException e) {
                assertThat(e.reason().formats()).contains(format);
            }
        }
    }

    @MethodSource("documents")
    @FuzzTest
    void tcbInfo(byte[] data) {
        try {
            TcbInfo info = TcbInfo.parse(SignedDocument.parse(DocumentKind.TCB_INFO, data), true);
            for (int i = 1; i < info.levels().size(); i++) {
                int[] higher = info.levels().get(i - 1).sgx();
                int[] lower = info.levels().get(i).sgx();
                assertThat(java.util.Arrays.compare(higher, lower)).isNotNegative();
            }
        } catch (EvidenceRejectedException e) {
            assertThat(e.reason()).isIn(DocumentKind.TCB_INFO.malformed, DocumentKind.TCB_INFO.version);
        }
    }

    @MethodSource("documents")
    @FuzzTest
    void qeIdentity(byte[] data) {
        try {
            QeIdentity identity = QeIdentity.parse(SignedDocument.parse(DocumentKind.QE_IDENTITY, data));
            assertThat(identity.mrSigner().length()).isEqualTo(32);
            assertThat(identity.levels().assess(identity.id(), 0xFFFF)).isNotNull();
        } catch (EvidenceRejectedException e) {
            assertThat(e.reason()).isIn(DocumentKind.QE_IDENTITY.malformed, DocumentKind.QE_IDENTITY.version);
        }
    }

    @MethodSource("documents")
    @FuzzTest
    void evaluationNumbers(byte[] data) {
        try {
            EvaluationNumbers numbers =
                    EvaluationNumbers.parse(SignedDocument.parse(DocumentKind.EVALUATION_NUMBERS, data));
            assertThat(numbers.id()).isIn("SGX", "TDX");
        } catch (EvidenceRejectedException e) {
            assertThat(e.reason()).isEqualTo(DocumentKind.EVALUATION_NUMBERS.malformed);
        }
    }

    @MethodSource("extensions")
    @FuzzTest
    void sgxExtension(byte[] data) {
        try {
            assertThat(PckExtension.parse(data, PckCa.PLATFORM, "0").sgxComponents())
                    .hasSize(16);
        } catch (DerReader.DerException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @MethodSource("quotes")
    @FuzzTest
    void embeddedChain(byte[] data) {
        try {
            assertThat(PckChains.embedded(Bytes.of(data))).isNotEmpty();
        } catch (EvidenceRejectedException e) {
            assertThat(e.reason()).isNotNull();
        }
    }
}
