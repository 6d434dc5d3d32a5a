package io.ebridge.samples.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of the vectors' manifest gives the verdict that stands there, field by field. */
class ManifestTest {

    @TestFactory
    Stream<DynamicTest> nitro() {
        return cases("nitro");
    }

    @TestFactory
    Stream<DynamicTest> sgx() {
        return cases("sgx");
    }

    @TestFactory
    Stream<DynamicTest> tdx() {
        return cases("tdx");
    }

    @TestFactory
    Stream<DynamicTest> snp() {
        return cases("snp");
    }

    @TestFactory
    Stream<DynamicTest> certificates() {
        return cases("ratls");
    }

    private static Stream<DynamicTest> cases(String format) {
        return Manifest.cases().stream()
                .filter(test -> test.text("format").equals(format))
                .map(test -> DynamicTest.dynamicTest(test.id(), () -> assertThat(CaseJudge.judge(test))
                        .as(test.text("note"))
                        .isEmpty()));
    }
}
