package io.ebridge.testkit.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The forge's keys sign what the JDK verifies, and deterministically. */
class KeysTest {
    private static final byte[] MESSAGE = "a message".getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest
    @EnumSource(EcKey.Curve.class)
    void ecdsaVerifiesWithTheJdk(EcKey.Curve curve) throws Exception {
        EcKey key = EcKey.derive(Seed.of(7), curve, "a key");
        PublicKey jdk = KeyFactory.getInstance("EC")
                .generatePublic(new X509EncodedKeySpec(key.spki().getEncoded()));
        String name = curve == EcKey.Curve.P256 ? "SHA256withECDSA" : "SHA384withECDSA";

        Signature der = Signature.getInstance(name);
        der.initVerify(jdk);
        der.update(MESSAGE);
        assertThat(der.verify(key.sign(MESSAGE))).isTrue();
        Signature raw = Signature.getInstance(name + "inP1363Format");
        raw.initVerify(jdk);
        raw.update(MESSAGE);
        assertThat(raw.verify(key.signRaw(MESSAGE))).isTrue();

        assertThat(key.signRaw(MESSAGE)).isEqualTo(key.signRaw(MESSAGE));
        assertThat(EcKey.derive(Seed.of(8), curve, "a key").rawPublic()).isNotEqualTo(key.rawPublic());
        assertThat(EcKey.derive(Seed.of(7), curve, "another").rawPublic()).isNotEqualTo(key.rawPublic());
    }

    @Test
    void pssVerifiesWithTheJdk() throws Exception {
        for (String name : new String[] {"ark-milan", "ask-genoa", "asvk-turin", "stranger"}) {
            RsaKey key = RsaKey.named(name);
            PublicKey jdk = KeyFactory.getInstance("RSA")
                    .generatePublic(new X509EncodedKeySpec(key.spki().getEncoded()));
            Signature pss = Signature.getInstance("RSASSA-PSS");
            pss.setParameter(new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA384, 48, 1));
            pss.initVerify(jdk);
            pss.update(MESSAGE);
            byte[] signature = key.signer(Seed.of(1), false).sign(MESSAGE);
            assertThat(pss.verify(signature)).isTrue();
            assertThat(key.signer(Seed.of(1), true).sign(MESSAGE)).isEqualTo(signature);
            assertThat(key.signer(Seed.of(2), false).sign(MESSAGE)).isNotEqualTo(signature);
        }
        assertThatThrownBy(() -> RsaKey.named("nobody")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void seedsAreStable() {
        assertThat(HexFormat.of().formatHex(Seed.of(0).bytes("label", 8))).isEqualTo("ff3f7b5da97126d2");
        assertThat(Seed.of(0).bytes("label", 100)).startsWith(Seed.of(0).bytes("label", 8));
        assertThat(Seed.of(1)).isEqualTo(Seed.of(1)).isNotEqualTo(Seed.of(2));
        assertThat(Seed.of(1).serial("x", 20).bitLength()).isEqualTo(159);
        assertThat(Seed.of(1).hex("x", 17)).hasSize(17);
    }

    @Test
    void clockMustBeWithinTheRootsValidity() {
        FakeQuotingEnclave early = FakeQuotingEnclave.nitro().clock(() -> java.time.Instant.EPOCH);
        assertThatThrownBy(() -> early.quote(new byte[64], null)).isInstanceOf(IllegalStateException.class);
    }
}
