package io.ebridge.testkit.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceVerifier;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FakeQuotingEnclaveTest {
    static Stream<FakeQuotingEnclave> all() {
        return Fixtures.everyVariant();
    }

    @ParameterizedTest
    @MethodSource("all")
    void verifierAcceptsEveryVariant(FakeQuotingEnclave fake) throws Exception {
        EvidenceRequest request = Fixtures.request(fake.format());
        Evidence evidence = fake.quote(request);

        AttestationResult result = fake.verifier().verify(evidence, Fixtures.expecting(fake, request));

        assertThat(result.format()).isEqualTo(fake.format());
        assertThat(result.appraisal().debug()).isFalse();
        assertThat(result.validity().contains(Fixtures.NOW)).isTrue();
        assertThat(Evidence.detect(evidence.bytes().toByteArray())).contains(fake.format());
    }

    @ParameterizedTest
    @MethodSource("all")
    void productionAnchorsRejectEveryVariant(FakeQuotingEnclave fake) throws Exception {
        EvidenceRequest request = Fixtures.request(fake.format());
        EvidenceVerifier production = EvidenceVerifier.builder()
                .collateral(fake.collateralSource())
                .clock(Fixtures.CLOCK)
                .build();

        assertThatThrownBy(() -> production.verify(fake.quote(request), Fixtures.expecting(fake, request)))
                .isInstanceOfSatisfying(
                        EvidenceRejectedException.class,
                        e -> assertThat(e.reason().name()).isEqualTo("UNKNOWN_ROOT"));
    }

    @ParameterizedTest
    @MethodSource("all")
    void sameSeedAndClockGiveTheSameBytes(FakeQuotingEnclave fake) throws Exception {
        EvidenceRequest request = Fixtures.request(fake.format());
        assertThat(fake.quote(request)).isEqualTo(fake.clock(() -> Fixtures.NOW).quote(request));
        assertThat(fake.collateral()).isEqualTo(fake.clock(() -> Fixtures.NOW).collateral());
        assertThat(fake.seed(99).quote(request)).isNotEqualTo(fake.quote(request));
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyCertificateSaysThatItIsATest(FakeQuotingEnclave fake) {
        List<X509Certificate> roots = fake.roots();
        assertThat(roots).hasSize(5).allSatisfy(c -> assertThat(
                        c.getSubjectX500Principal().getName())
                .contains("INSECURE TEST"));
    }
}
