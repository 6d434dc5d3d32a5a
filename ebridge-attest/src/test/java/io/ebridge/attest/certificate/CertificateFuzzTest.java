package io.ebridge.attest.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.ebridge.attest.CertificateEvidence;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.cbor.CborException;
import io.ebridge.attest.vectors.Vectors;
import io.ebridge.attest.x509.X509;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Certificates, revocation lists, tagged evidence and files of collateral: a value or a typed error, whatever the bytes are. */
class CertificateFuzzTest {

    static Stream<Arguments> files() {
        return Stream.concat(
                Stream.of(Arguments.of((Object) new byte[] {0x30, 0x00})),
                Vectors.seeds("ratls").map(bytes -> Arguments.of((Object) bytes)));
    }

    static Stream<Arguments> extensions() {
        byte[] claims = TaggedEvidence.encodeClaims(Map.of("pubkey-hash", TaggedEvidence.encodeSha256(new byte[32])));
        return Stream.of(Arguments.of((Object) TaggedEvidence.encode(new byte[48], claims)), Arguments.of((Object)
                new byte[] {(byte) 0xD9, (byte) 0xEA, 0x60}));
    }

    @MethodSource("files")
    @FuzzTest
    void certificates(byte[] data) {
        try {
            for (X509Certificate certificate : X509.certificates(data)) {
                CertificateEvidence evidence = CertificateEvidence.of(certificate);
                assertThat(evidence.boundReportData().length()).isPositive();
            }
        } catch (EvidenceRejectedException e) {
            assertThat(e.reason()).isNotNull();
        }
    }

    @MethodSource("files")
    @FuzzTest
    void collateral(byte[] data) {
        Collateral collateral = Collateral.ofContents(List.of(data));
        collateral.kinds().forEach(kind -> assertThat(collateral.pieces(kind)).isNotEmpty());
    }

    @MethodSource("extensions")
    @FuzzTest
    void taggedEvidence(byte[] data) {
        try {
            assertThat(TaggedEvidence.parse(data).claimsBuffer().length()).isLessThanOrEqualTo(data.length);
        } catch (CborException e) {
            assertThat(e.reason()).isNotNull();
        }
    }
}
