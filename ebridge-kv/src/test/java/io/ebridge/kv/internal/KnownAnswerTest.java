package io.ebridge.kv.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.kv.Padding;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import java.util.TreeMap;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published answers for the primitives. */
class KnownAnswerTest {

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    /** NIST SP 800-38B, examples for AES-256 (D.3), which RFC 4493 extends from AES-128. */
    @ParameterizedTest
    @CsvSource({
        "0, 028962f61b7bf89efc6b551f4667d983",
        "16, 28a7023f452e8f82bd4bf28d8c37c35c",
        "40, aaf3d8f1de5640c232f5b169b9c911e6",
        "64, e1992190549f6ed5696a2c056c315410"
    })
    void cmac(int length, String mac) {
        AesKey key = new AesKey(hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"));
        assertThat(key.k1).isEqualTo(hex("cad1ed03299eedac2e9a99808621502f"));
        assertThat(key.k2).isEqualTo(hex("95a3da06533ddb585d3533010c42a0d9"));
        byte[] message = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        CryptoUnit unit = new CryptoUnit();
        byte[] out = new byte[16];
        for (int twice = 0; twice < 2; twice++) {
            unit.cmac(key, java.util.Arrays.copyOf(message, length), out);
            assertThat(out).isEqualTo(hex(mac));
        }
    }

    /** RFC 5869, appendix A, test cases 1 to 3. */
    @Test
    void hkdf() {
        byte[] ikm = hex("0b".repeat(22));
        byte[] prk = Hkdf.extract(hex("000102030405060708090a0b0c"), ikm);
        assertThat(prk).isEqualTo(hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"));
        assertThat(Hkdf.expand(prk, hex("f0f1f2f3f4f5f6f7f8f9"), 42))
                .isEqualTo(hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
        StringBuilder long1 = new StringBuilder();
        StringBuilder long2 = new StringBuilder();
        StringBuilder long3 = new StringBuilder();
        for (int i = 0; i < 80; i++) {
            long1.append(String.format("%02x", i));
            long2.append(String.format("%02x", 0x60 + i));
            long3.append(String.format("%02x", 0xb0 + i));
        }
        prk = Hkdf.extract(hex(long2.toString()), hex(long1.toString()));
        assertThat(Hkdf.expand(prk, hex(long3.toString()), 82))
                .isEqualTo(
                        hex("b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
                                + "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"));
        prk = Hkdf.extract(new byte[0], ikm);
        assertThat(Hkdf.expand(prk, new byte[0], 42))
                .isEqualTo(hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"));
        assertThatThrownBy(() -> Hkdf.expand(ikm, ikm, 8161)).isInstanceOf(IllegalArgumentException.class);
    }

    /** The GCM specification (McGrew and Viega), test case 16: AES-256 with associated data. */
    @Test
    void gcm() {
        SecretKeySpec key =
                new SecretKeySpec(hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"), "AES");
        byte[] plain = hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
        byte[] aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        byte[] nonce = hex("cafebabefacedbaddecaf888");
        byte[] expected = hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662" + "76fc6ece0f4e1768cddf8853bb2d551b");
        CryptoUnit unit = new CryptoUnit();
        System.arraycopy(plain, 0, unit.scratch(plain.length), 0, plain.length);
        System.arraycopy(aad, 0, unit.aad, 0, aad.length);
        byte[] out = new byte[plain.length + 16];
        unit.seal(key, nonce, aad.length, plain.length, out, 0);
        assertThat(out).isEqualTo(expected);
        assertThat(unit.open(key, new GCMParameterSpec(128, nonce), aad.length, out, 0, out.length))
                .isEqualTo(plain.length);
        assertThat(java.util.Arrays.copyOf(unit.scratch(0), plain.length)).isEqualTo(plain);
        out[3] ^= 1;
        assertThat(unit.open(key, new GCMParameterSpec(128, nonce), aad.length, out, 0, out.length))
                .isEqualTo(-1);
    }

    /** PADMÉ by its definition: at most O(log log L) bits of the length are left; examples worked by hand. */
    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "2,2", "8,8", "9,10", "15,16", "100,104", "1000,1024", "1025,1088", "1048577,1081344"})
    void padme(int length, int padded) {
        assertThat(Padding.padme().padded(length)).isEqualTo(padded);
    }

    @Test
    void padmeCostsAtMostTwelvePercent() {
        int before = 0;
        for (int length = 0; length < 3_000_000; length += 1 + length / 97) {
            int padded = Padding.padme().padded(length);
            assertThat(padded).isGreaterThanOrEqualTo(Math.max(length, before));
            assertThat(padded - length).isLessThanOrEqualTo((int) (length * 0.12));
            before = padded;
        }
    }

    @Test
    void sizeClasses() {
        Padding padding = Padding.classes(64, 256, 1024);
        assertThat(padding.padded(1)).isEqualTo(64);
        assertThat(padding.padded(64)).isEqualTo(64);
        assertThat(padding.padded(65)).isEqualTo(256);
        assertThat(padding.padded(1025)).isEqualTo(2048);
        assertThatThrownBy(() -> Padding.classes(64, 64)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Padding.classes()).isInstanceOf(IllegalArgumentException.class);
    }

    /** Addition and subtraction modulo 2^256 against BigInteger. */
    @Test
    void multisetArithmetic() {
        Random random = new Random(7);
        BigInteger modulus = BigInteger.ONE.shiftLeft(256);
        Multiset sum = new Multiset();
        BigInteger expected = BigInteger.ZERO;
        for (int i = 0; i < 20_000; i++) {
            long[] w = new long[4];
            byte[] bytes = new byte[32];
            for (int j = 0; j < 4; j++) {
                w[j] = random.nextInt(4) == 0 ? (random.nextBoolean() ? -1 : 0) : random.nextLong();
                ByteBuffer.wrap(bytes).putLong(8 * j, w[j]);
            }
            boolean add = random.nextBoolean();
            sum.fold(add, w[0], w[1], w[2], w[3]);
            BigInteger element = new BigInteger(1, bytes);
            expected = (add ? expected.add(element) : expected.subtract(element)).mod(modulus);
            ByteBuffer out = ByteBuffer.allocate(40);
            sum.write(out);
            assertThat(new BigInteger(1, java.util.Arrays.copyOf(out.array(), 32)))
                    .isEqualTo(expected);
        }
    }

    @Test
    void theVersionTableIsAMap() {
        Random random = new Random(3);
        VersionTable table = new VersionTable();
        TreeMap<String, Long> model = new TreeMap<>();
        for (int i = 0; i < 100_000; i++) {
            long hi = random.nextInt(40) * 0x0777777777777777L;
            long lo = random.nextInt(50) * 0x1f1f1f1f1f1f1f1fL;
            String key = hi + "/" + lo;
            if (random.nextInt(3) == 0) {
                table.put(hi, lo, 0);
                model.remove(key);
            } else {
                table.put(hi, lo, i + 1);
                model.put(key, (long) i + 1);
            }
            assertThat(table.get(hi, lo)).isEqualTo(model.getOrDefault(key, 0L));
        }
        TreeMap<String, Long> all = new TreeMap<>();
        for (int s = 0; s < VersionTable.SEGMENTS; s++) {
            long[] raw = table.segment(s);
            for (int i = 0; i < raw.length; i += 3) {
                assertThat(all.put(raw[i] + "/" + raw[i + 1], raw[i + 2])).isNull();
                assertThat((int) (raw[i] >>> 58)).isEqualTo(s);
            }
        }
        assertThat(all).isEqualTo(model);
    }
}
