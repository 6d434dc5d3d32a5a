package io.ebridge.testkit.attest;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.CertificateEvidence.Scheme;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

/** The same seed and clock give the same bytes on every JDK: hashes of all variants, as {@code golden.txt} has them. */
class GoldenTest {
    private static String current() throws Exception {
        StringJoiner lines = new StringJoiner("\n", "", "\n");
        List<FakeQuotingEnclave> variants = Fixtures.everyVariant().toList();
        for (int i = 0; i < variants.size(); i++) {
            FakeQuotingEnclave fake = variants.get(i).seed(42);
            EvidenceRequest request = Fixtures.request(fake.format());
            lines.add(i + " " + fake.format() + " evidence "
                    + hash(fake.quote(request).bytes().toByteArray()));
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            Collateral collateral = fake.collateral();
            for (Collateral.Kind kind : Collateral.Kind.values()) {
                collateral.pieces(kind).forEach(p -> {
                    all.writeBytes(kind.name().getBytes(StandardCharsets.US_ASCII));
                    all.writeBytes(p.toByteArray());
                });
            }
            lines.add(i + " " + fake.format() + " collateral " + hash(all.toByteArray()));
        }
        for (Scheme scheme : Scheme.values()) {
            for (EvidenceFormat format : Defect.formats(scheme)) {
                FakeQuotingEnclave fake =
                        Fixtures.at(FakeQuotingEnclave.of(format).platform()).seed(42);
                lines.add(scheme + " " + format + " certificate "
                        + hash(FakeCertificate.of(fake, scheme).certificate().getEncoded()));
            }
        }
        return lines.toString();
    }

    private static String hash(byte[] bytes) {
        return HexFormat.of().formatHex(Digests.sha256(bytes));
    }

    @Test
    void bytesAreWhatTheyWere() throws Exception {
        assertThat(current()).isEqualTo(golden());
    }

    private static String golden() throws IOException {
        try (InputStream in = GoldenTest.class.getResourceAsStream("golden.txt")) {
            return in == null ? "golden.txt is missing" : new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
