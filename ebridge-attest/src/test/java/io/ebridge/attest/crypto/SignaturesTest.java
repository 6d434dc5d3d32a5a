package io.ebridge.attest.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every provider behind the seam gives the same answers, and the right ones. */
class SignaturesTest {

    private static final HexFormat HEX = HexFormat.of();

    static Stream<Signatures> providers() {
        Stream.Builder<Signatures> all = Stream.builder();
        all.add(Signatures.jdk()).add(Signatures.bouncyCastle());
        CorrettoProvider.find().map(Signatures::of).ifPresent(all);
        return all.build();
    }

    /** RFC 6979 appendix A.2.5, SHA-256, message "sample". */
    @ParameterizedTest
    @MethodSource("providers")
    void knownAnswerP256(Signatures signatures) throws GeneralSecurityException {
        PublicKey key =
                EcCurve.P256.publicKey(HEX.parseHex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
                        + "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"));
        byte[] signature = HEX.parseHex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
                + "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
        verifies(signatures, SignatureScheme.ES256, key, signature);
    }

    /** RFC 6979 appendix A.2.6, SHA-384, message "sample". */
    @ParameterizedTest
    @MethodSource("providers")
    void knownAnswerP384(Signatures signatures) throws GeneralSecurityException {
        PublicKey key = EcCurve.P384.publicKey(
                HEX.parseHex(
                        "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13"
                                + "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720"));
        byte[] signature = HEX.parseHex(
                "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46"
                        + "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8");
        verifies(signatures, SignatureScheme.ES384, key, signature);
    }

    private static void verifies(Signatures signatures, SignatureScheme scheme, PublicKey key, byte[] signature) {
        byte[] message = "sample".getBytes(StandardCharsets.UTF_8);
        assertThat(signatures.verify(scheme, key, signature, message)).isTrue();
        assertThat(signatures.verify(
                        scheme, key, signature, Arrays.copyOf(message, 3), Arrays.copyOfRange(message, 3, 6)))
                .isTrue();
        assertThat(signatures.verify(scheme, key, signature, "simple".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
        for (int i = 0; i < signature.length; i += 7) {
            byte[] altered = signature.clone();
            altered[i] ^= 1;
            assertThat(signatures.verify(scheme, key, altered, message)).isFalse();
        }
        assertThat(signatures.verify(scheme, key, Arrays.copyOf(signature, signature.length - 1), message))
                .isFalse();
        assertThat(signatures.verify(scheme, key, Arrays.copyOf(signature, signature.length + 1), message))
                .isFalse();
        assertThat(signatures.verify(scheme, key, new byte[0], message)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("providers")
    void refusesHalvesOutsideTheirRange(Signatures signatures) throws GeneralSecurityException {
        KeyPair pair = ec("secp256r1");
        byte[] message = {1, 2, 3};
        byte[] good = sign("SHA256withECDSAinP1363Format", pair, message);
        assertThat(signatures.verify(SignatureScheme.ES256, pair.getPublic(), good, message))
                .isTrue();
        BigInteger n = EcCurve.P256.parameters().getOrder();
        for (BigInteger wrong :
                List.of(BigInteger.ZERO, n, n.add(new BigInteger(1, Arrays.copyOf(good, 32)).mod(BigInteger.TEN)))) {
            byte[] r = good.clone();
            put(wrong, r, 0);
            assertThat(signatures.verify(SignatureScheme.ES256, pair.getPublic(), r, message))
                    .isFalse();
            byte[] s = good.clone();
            put(wrong, s, 32);
            assertThat(signatures.verify(SignatureScheme.ES256, pair.getPublic(), s, message))
                    .isFalse();
        }
        // The twin with n - s verifies too: signatures are no identities.
        byte[] twin = good.clone();
        put(n.subtract(new BigInteger(1, Arrays.copyOfRange(good, 32, 64))), twin, 32);
        assertThat(signatures.verify(SignatureScheme.ES256, pair.getPublic(), twin, message))
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("providers")
    void refusesKeysOfAnotherKind(Signatures signatures) throws GeneralSecurityException {
        KeyPair p256 = ec("secp256r1");
        KeyPair p384 = ec("secp384r1");
        byte[] message = {1};
        byte[] signature = sign("SHA256withECDSAinP1363Format", p256, message);
        assertThat(signatures.verify(SignatureScheme.ES384, p256.getPublic(), new byte[96], message))
                .isFalse();
        assertThat(signatures.verify(SignatureScheme.ES256, p384.getPublic(), signature, message))
                .isFalse();
        assertThat(signatures.verify(SignatureScheme.PS384, p256.getPublic(), new byte[512], message))
                .isFalse();
        assertThat(signatures.verify(SignatureScheme.ES256, rsa().getPublic(), signature, message))
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("providers")
    void verifiesPssWithExactlyItsParameters(Signatures signatures) throws GeneralSecurityException {
        KeyPair pair = rsa();
        byte[] message = {1, 2, 3};
        assertThat(signatures.verify(SignatureScheme.PS384, pair.getPublic(), pss(pair, message, 48), message))
                .isTrue();
        assertThat(signatures.verify(SignatureScheme.PS384, pair.getPublic(), pss(pair, message, 32), message))
                .isFalse();
        assertThat(signatures.verify(SignatureScheme.PS384, pair.getPublic(), pss(pair, message, 48), new byte[3]))
                .isFalse();
        assertThat(signatures.verify(SignatureScheme.PS384, pair.getPublic(), new byte[3], message))
                .isFalse();
    }

    @Test
    void choosesCorrettoWhereItIsOnThePath() {
        // The provider's native library in the test's path is for this platform only.
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "Amazon Corretto Crypto Provider is on the test's path for Linux on x86-64");
        assertThat(Signatures.best().description())
                .isEqualTo("AmazonCorrettoCryptoProvider (ECDSA), AmazonCorrettoCryptoProvider (RSA)");
    }

    /** More keys than are kept, each used often enough for its tables, and again after others took its place. */
    @ParameterizedTest
    @EnumSource(EcCurve.class)
    void keepsAsManyPointsAsItMay(EcCurve curve) throws GeneralSecurityException {
        BouncyEcdsa bouncy = BouncyEcdsa.on(curve);
        SignatureScheme scheme = curve == EcCurve.P256 ? SignatureScheme.ES256 : SignatureScheme.ES384;
        byte[] message = {1, 2, 3};
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(curve.parameters());
        PublicKey last = null;
        for (int i = 0; i < BouncyEcdsa.MAX_POINTS + 20; i++) {
            KeyPair pair = generator.generateKeyPair();
            Signature signer = Signature.getInstance(scheme.jcaName());
            signer.initSign(pair.getPrivate());
            signer.update(message);
            byte[] signature = signer.sign();
            int before = bouncy.size();
            byte[] altered = signature.clone();
            altered[curve.fieldBytes() - 1] ^= 1;
            assertThat(bouncy.verify(scheme, pair.getPublic(), altered, message))
                    .isFalse();
            assertThat(bouncy.size()).isEqualTo(before);
            for (int use = 0; use < 8; use++) {
                assertThat(bouncy.verify(scheme, pair.getPublic(), signature, message))
                        .isTrue();
                assertThat(bouncy.verify(scheme, pair.getPublic(), altered, message))
                        .isFalse();
            }
            assertThat(bouncy.size()).isBetween(1, BouncyEcdsa.MAX_POINTS);
            if (last != null) {
                assertThat(bouncy.verify(scheme, last, signature, message)).isFalse();
            }
            last = pair.getPublic();
        }
    }

    @Test
    void registersNoProvider() {
        int before = Security.getProviders().length;
        providers().forEach(signatures -> assertThat(signatures.description()).isNotEmpty());
        assertThat(Security.getProviders()).hasSize(before);
        assertThat(Security.getProvider("BC")).isNull();
    }

    @Test
    void refusesPointsThatAreNotOnTheCurve() {
        byte[] off = new byte[64];
        off[31] = 1;
        off[63] = 1;
        assertThatThrownBy(() -> EcCurve.P256.publicKey(off)).isInstanceOf(java.security.InvalidKeyException.class);
        assertThatThrownBy(() -> EcCurve.P256.publicKey(new byte[63]))
                .isInstanceOf(java.security.InvalidKeyException.class);
        byte[] beyond = new byte[64];
        Arrays.fill(beyond, (byte) 0xFF);
        assertThatThrownBy(() -> EcCurve.P256.publicKey(beyond)).isInstanceOf(java.security.InvalidKeyException.class);
    }

    @ParameterizedTest
    @EnumSource(EcCurve.class)
    void readsDerSignaturesStrictly(EcCurve curve) throws GeneralSecurityException {
        KeyPair pair = ec(curve == EcCurve.P256 ? "secp256r1" : "secp384r1");
        for (int i = 0; i < 20; i++) {
            byte[] der =
                    sign(curve == EcCurve.P256 ? "SHA256withECDSA" : "SHA384withECDSA", pair, new byte[] {(byte) i});
            byte[] fixed = EcdsaSignature.fromDer(der, curve).orElseThrow();
            assertThat(fixed).hasSize(2 * curve.fieldBytes());
            assertThat(EcdsaSignature.toDer(fixed)).isEqualTo(der);
            assertThat(EcdsaSignature.fromDer(Arrays.copyOf(der, der.length - 1), curve))
                    .isEmpty();
            assertThat(EcdsaSignature.fromDer(Arrays.copyOf(der, der.length + 1), curve))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(
            strings = {
                "",
                "30",
                "3006020100020100ff",
                "300702020001020101",
                "3006028001020101",
                "3006020181020101",
                "310602010102010100",
                "3081060201010201010000",
                "30060201010401010000",
                "3004020102000000"
            })
    void refusesDerThatIsNotMinimalOrPositive(String hex) {
        assertThat(EcdsaSignature.fromDer(HEX.parseHex(hex), EcCurve.P256)).isEmpty();
    }

    private static void put(BigInteger value, byte[] into, int at) {
        byte[] digits = value.toByteArray();
        byte[] fixed = new byte[32];
        int length = Math.min(32, digits.length);
        System.arraycopy(digits, digits.length - length, fixed, 32 - length, length);
        System.arraycopy(fixed, 0, into, at, 32);
    }

    private static KeyPair ec(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private static KeyPair rsa() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static byte[] sign(String algorithm, KeyPair pair, byte[] message) throws GeneralSecurityException {
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(pair.getPrivate());
        signer.update(message);
        return signer.sign();
    }

    private static byte[] pss(KeyPair pair, byte[] message, int salt) throws GeneralSecurityException {
        Signature signer = Signature.getInstance("RSASSA-PSS");
        signer.setParameter(new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA384, salt, 1));
        signer.initSign(pair.getPrivate());
        signer.update(message);
        return signer.sign();
    }
}
