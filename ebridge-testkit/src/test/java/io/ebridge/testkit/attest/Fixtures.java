package io.ebridge.testkit.attest;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.snp.SnpProduct;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.Stream;

/** What the tests of this package share. */
final class Fixtures {
    /** Ten minutes into an hour, so that whole-hour certificates have begun. */
    static final Instant NOW = Instant.parse("2026-06-15T09:10:11.123Z");

    static final InstantSource CLOCK = InstantSource.fixed(NOW);

    private Fixtures() {}

    static byte[] reportData() {
        byte[] data = new byte[64];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i + 1);
        }
        return data;
    }

    static byte[] nonce() {
        return "a nonce of the verifier".getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] keyHash() {
        return Digests.sha256("a public key".getBytes(StandardCharsets.US_ASCII));
    }

    /** Asks for everything that a format can carry. */
    static EvidenceRequest request(EvidenceFormat format) {
        EvidenceRequest request = EvidenceRequest.of(reportData());
        return format == EvidenceFormat.NITRO ? request.withNonce(nonce()).withPublicKeySha256(keyHash()) : request;
    }

    static AppraisalPolicy expecting(FakeQuotingEnclave fake, EvidenceRequest request) {
        return fake.strictPolicy().expecting(request);
    }

    static FakeQuotingEnclave at(FakePlatform platform) {
        return FakeQuotingEnclave.of(platform).clock(CLOCK);
    }

    static Stream<FakeQuotingEnclave> everyVariant() {
        return Stream.of(
                        FakeNitro.standard(),
                        FakeNitro.standard().indefiniteMap().region("eu-central-1"),
                        FakeSgx.standard(),
                        FakeSgx.standard().processorCa().machine("other"),
                        FakeSgx.standard().quoteVersion(4),
                        FakeSgx.standard().quoteVersion(5),
                        FakeTdx.standard(),
                        FakeTdx.standard().trailingZeros(70),
                        FakeTdx.standard().moduleVersion(0),
                        FakeTdx.standard().quoteV5(false),
                        FakeTdx.standard().quoteV5(true),
                        FakeSnp.standard(),
                        FakeSnp.standard().reportVersion(2),
                        FakeSnp.standard().reportVersion(3),
                        FakeSnp.standard().vlek("CN=cc.insecure-test.invalid"),
                        FakeSnp.standard().product(SnpProduct.GENOA),
                        FakeSnp.standard().product(SnpProduct.GENOA).vlek("CN=cc.insecure-test.invalid"),
                        FakeSnp.standard().product(SnpProduct.TURIN).reportVersion(5),
                        FakeSnp.standard()
                                .product(SnpProduct.TURIN)
                                .reportVersion(5)
                                .vlek("CN=cc.insecure-test.invalid"))
                .map(Fixtures::at);
    }
}
