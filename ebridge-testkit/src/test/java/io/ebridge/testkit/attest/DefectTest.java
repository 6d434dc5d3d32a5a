package io.ebridge.testkit.attest;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceRequest;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DefectTest {
    static Stream<Arguments> defects() {
        return Arrays.stream(Defect.values()).flatMap(d -> d.formats().stream().map(f -> Arguments.of(d, f)));
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource("defects")
    void rejectedForItsOwnReason(Defect defect, EvidenceFormat format) throws Exception {
        FakeQuotingEnclave fake = Fixtures.at(FakeQuotingEnclave.of(format).platform());
        EvidenceRequest request = Fixtures.request(format);
        FakeQuotingEnclave wrong = fake.with(defect);
        String got;
        try {
            wrong.verifier().verify(wrong.quote(request), Fixtures.expecting(wrong, request));
            got = "accepted";
        } catch (EvidenceRejectedException e) {
            got = e.reason().name() + (e.reason() == defect.reason() ? "" : " (" + e.getMessage() + ")");
        }
        assertThat(got).isEqualTo(defect.reason().name());
    }
}
