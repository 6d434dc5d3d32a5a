package io.ebridge.attest;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a configuration file says, it is a policy that writes itself back, or a typed error. */
class PolicyJsonFuzzTest {

    static Stream<Arguments> seeds() {
        return PolicyJsonTest.policies()
                .map(policy -> Arguments.of((Object) policy.toJson().getBytes(StandardCharsets.UTF_8)));
    }

    @MethodSource("seeds")
    @FuzzTest
    void read(byte[] data) throws PolicyFormatException {
        AppraisalPolicy policy;
        try {
            policy = AppraisalPolicy.fromJson(new String(data, StandardCharsets.UTF_8));
        } catch (PolicyFormatException e) {
            assertThat(e.reason()).isNotNull();
            return;
        }
        assertThat(AppraisalPolicy.fromJson(policy.toJson())).isEqualTo(policy);
    }
}
