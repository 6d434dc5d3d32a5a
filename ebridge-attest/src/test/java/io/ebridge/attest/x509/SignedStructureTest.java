package io.ebridge.attest.x509;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The outer form of certificates and CRLs, of which no signature covers a byte. */
class SignedStructureTest {

    @Test
    void isThreeElementsAndNothingElse() {
        assertThat(signed("300a" + "3001aa" + "3000" + "0303" + "00bbcc")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "30",
                "3000",
                // unused bits
                "300a3001aa3000030301bbcc",
                // no content
                "30073001aa30000300",
                // something after the signature, inside and outside
                "300c3001aa3000030300bbcc0500",
                "300a3001aa3000030300bbcc00",
                // cut off
                "300a3001aa3000030300bb",
                // another tag for each
                "310a3001aa3000030300bbcc",
                "300a3101aa3000030300bbcc",
                "300a3001aa3100030300bbcc",
                "300a3001aa3000040300bbcc",
                // lengths that are not minimal, too long, or without end
                "30810a3001aa3000030300bbcc",
                "3082000a3001aa3000030300bbcc",
                "30803001aa3000030300bbcc0000",
                "308500000000003001aa3000030300bbcc",
                "300a30ffaa3000030300bbcc"
            })
    void isNothingElse(String hex) {
        assertThat(signed(hex)).isFalse();
    }

    private static boolean signed(String hex) {
        return X509.isSigned(HexFormat.of().parseHex(hex));
    }
}
