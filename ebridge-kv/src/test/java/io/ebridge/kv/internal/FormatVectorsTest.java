package io.ebridge.kv.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.kv.Padding;
import io.ebridge.kv.spi.HostBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The vectors of FORMAT.md are what this code does, and what a reader who follows its text with plain JCA calls gets. */
class FormatVectorsTest {

    private static final HexFormat HEX = HexFormat.of();

    private static byte[] sequence(int from, int length) {
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            out[i] = (byte) (from + i);
        }
        return out;
    }

    private static Map<String, byte[]> computed() throws IOException {
        Map<String, byte[]> v = new LinkedHashMap<>();
        byte[] root = sequence(0, 32);
        byte[] boot = sequence(0x40, 32);
        KeyTree keys = new KeyTree(root, "vectors");
        CryptoUnit unit = new CryptoUnit();
        v.put("store-id", keys.storeId());
        AesKey tokenKey = keys.tokenKey("notes", 1);
        v.put("token-key", tokenKey.key.getEncoded());
        byte[] token = new byte[16];
        byte[] key = Hkdf.utf8("door");
        unit.cmac(tokenKey, key, token);
        v.put("token", token);
        long hi = ByteBuffer.wrap(token).getLong();
        long lo = ByteBuffer.wrap(token).getLong(8);
        v.put("host-key", HostKeys.data(hi, lo));
        v.put("value-key", keys.valueKey(1, "notes", boot).getEncoded());
        v.put("index-key", keys.indexKey().key.getEncoded());
        long version = (1L << 40) + 1;
        Multiset sum = new Multiset();
        unit.accumulate(keys.indexKey(), sum, true, hi, lo, version, 1, 0);
        ByteBuffer sumBytes = ByteBuffer.allocate(40);
        sum.write(sumBytes);
        v.put("sum", sumBytes.array());
        RecordCodec records = new RecordCodec(keys.storeId());
        RecordHeader plain = new RecordHeader(0, 1, 1, version, 1, 1, 0);
        byte[] value = Hkdf.utf8("4711");
        v.put(
                "record",
                seal(records, unit, keys.valueKey(1, "notes", boot), plain, hi, lo, key, value, null, Padding.none()));
        RecordHeader ends = new RecordHeader(RecordHeader.TTL, 1, 1, version, 1, 2, 1_800_000_000_000L);
        v.put(
                "record-with-end-sum-padding",
                seal(
                        records,
                        unit,
                        keys.valueKey(1, "notes", boot),
                        ends,
                        hi,
                        lo,
                        key,
                        value,
                        sum,
                        Padding.classes(64, 128)));
        SortedMap<Integer, byte[]> boots = new TreeMap<>(Map.of(1, boot));
        Manifest manifest = new Manifest(
                1,
                2,
                sequence(0x80, 32),
                version,
                sum,
                1,
                new Manifest.Meta(1, 1, 1, 7, boots, 0, 0, 0, 1_700_000_000_000L),
                List.of(new Manifest.Row(1, "notes", sum, false)));
        v.put("manifest-key", keys.manifestKey(boot).getEncoded());
        v.put("manifest-body", ManifestCodec.encode(manifest));
        v.put("manifest", new ManifestCodec(keys).seal(unit, manifest, boot));
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        new Frame(
                        Frame.WRITE,
                        3,
                        new Frame.Write(
                                        9,
                                        true,
                                        new HostBatch()
                                                .put(new byte[] {1, 2}, new byte[] {3})
                                                .delete(new byte[] {4}))
                                .encode())
                .write(frame);
        v.put("write-frame", frame.toByteArray());
        return v;
    }

    private static Map<String, byte[]> documented() throws IOException {
        Map<String, byte[]> v = new LinkedHashMap<>();
        Matcher m = Pattern.compile("(?m)^([a-z-]+) = ([0-9a-f \\n]+?)$(?=\\n[a-z`]|\\n\\n)")
                .matcher(Files.readString(Path.of("FORMAT.md")));
        while (m.find()) {
            v.put(m.group(1), HEX.parseHex(m.group(2).replaceAll("\\s", "")));
        }
        return v;
    }

    @Test
    void theDocumentSaysWhatTheCodeDoes() throws Exception {
        Map<String, byte[]> computed = computed();
        Map<String, byte[]> documented = documented();
        StringBuilder all = new StringBuilder();
        computed.forEach((name, bytes) ->
                all.append(name).append(" = ").append(HEX.formatHex(bytes)).append('\n'));
        assertThat(documented.keySet()).as(all.toString()).containsExactlyElementsOf(computed.keySet());
        computed.forEach(
                (name, bytes) -> assertThat(documented.get(name)).as(name).isEqualTo(bytes));
    }

    /** The text of FORMAT.md, followed without this module's code. */
    @Test
    void aReaderOfTheTextOpensTheRecord() throws Exception {
        Map<String, byte[]> v = documented();
        byte[] record = v.get("record");
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(
                Cipher.DECRYPT_MODE,
                new javax.crypto.spec.SecretKeySpec(v.get("value-key"), "AES"),
                new GCMParameterSpec(128, Arrays.copyOfRange(record, 20, 32)));
        gcm.updateAAD("ebkv/1".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        gcm.updateAAD(v.get("store-id"));
        gcm.updateAAD(v.get("token"));
        gcm.updateAAD(record, 0, 32);
        byte[] plain = gcm.doFinal(record, 32, record.length - 32);
        assertThat(plain).isEqualTo(HEX.parseHex("0004646f6f720000000434373131"));
        // HKDF-Expand of one block is one HMAC.
        javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
        mac.init(new javax.crypto.spec.SecretKeySpec(sequence(0, 32), "HmacSHA256"));
        mac.update(HEX.parseHex("000665626b762f31" + "000873746f7265206964" + "0007766563746f7273" + "01"));
        assertThat(Arrays.copyOf(mac.doFinal(), 16)).isEqualTo(v.get("store-id"));
    }

    /** Seals somewhere inside a larger array, of which nothing else may change. */
    private static byte[] seal(
            RecordCodec records,
            CryptoUnit unit,
            SecretKeySpec valueKey,
            RecordHeader header,
            long hi,
            long lo,
            byte[] key,
            byte[] value,
            @Nullable Multiset sum,
            Padding padding) {
        int length = RecordCodec.length(header, key.length, value.length, sum != null, padding);
        byte[] out = new byte[length + 20];
        Arrays.fill(out, (byte) 0x5A);
        records.seal(unit, valueKey, header, hi, lo, key, value, sum, padding, out, 13);
        byte[] around = new byte[20];
        System.arraycopy(out, 0, around, 0, 13);
        System.arraycopy(out, 13 + length, around, 13, 7);
        byte[] untouched = new byte[20];
        Arrays.fill(untouched, (byte) 0x5A);
        assertThat(around).isEqualTo(untouched);
        return Arrays.copyOfRange(out, 13, 13 + length);
    }
}
