package io.ebridge.attest.internal.nitro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.cbor.CborWriter;
import io.ebridge.attest.nitro.NitroDocument;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the layout of a document allows, and the reason for everything that it does not. Signatures play no part. */
class NitroParserTest {

    private record Field(String name, Consumer<CborWriter> value) {}

    private static List<Field> fields() {
        List<Field> fields = new ArrayList<>();
        fields.add(new Field("module_id", w -> w.text("i-1-enc2")));
        fields.add(new Field("digest", w -> w.text("SHA384")));
        fields.add(new Field("timestamp", w -> w.integer(1_700_000_000_000L)));
        fields.add(new Field("pcrs", w -> pcrs(w, 0, 1, 2)));
        fields.add(new Field("certificate", w -> w.bytes(new byte[] {1})));
        fields.add(new Field("cabundle", w -> w.array(1).bytes(new byte[] {2})));
        fields.add(new Field("public_key", CborWriter::nullItem));
        fields.add(new Field("user_data", w -> w.bytes(new byte[0])));
        fields.add(new Field("nonce", w -> w.bytes(new byte[1024])));
        return fields;
    }

    private static void pcrs(CborWriter writer, int... indexes) {
        writer.map(indexes.length);
        for (int index : indexes) {
            writer.integer(index).bytes(new byte[48]);
        }
    }

    private static byte[] payload(List<Field> fields, boolean indefinite) {
        CborWriter writer = new CborWriter();
        if (indefinite) {
            writer.indefiniteMap();
        } else {
            writer.map(fields.size());
        }
        fields.forEach(field -> field.value.accept(writer.text(field.name)));
        return (indefinite ? writer.breakItem() : writer).toByteArray();
    }

    private static byte[] with(String name, Consumer<CborWriter> value) {
        List<Field> fields = fields();
        fields.replaceAll(field -> field.name.equals(name) ? new Field(name, value) : field);
        return payload(fields, false);
    }

    private static RejectionReason payloadReason(byte[] payload) {
        return catchThrowableOfType(EvidenceRejectedException.class, () -> NitroParser.parsePayload(payload))
                .reason();
    }

    private static RejectionReason coseReason(byte[] document) {
        return catchThrowableOfType(EvidenceRejectedException.class, () -> NitroParser.parseCose(document))
                .reason();
    }

    private static CborWriter cose() {
        return new CborWriter()
                .array(4)
                .bytes(new byte[] {(byte) 0xA1, 0x01, 0x38, 0x22})
                .map(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsDefiniteAndIndefiniteMaps(boolean indefinite) throws EvidenceRejectedException {
        NitroDocument document = NitroParser.parsePayload(payload(fields(), indefinite));
        assertThat(document.indefiniteMap()).isEqualTo(indefinite);
        assertThat(document.moduleId()).isEqualTo("i-1-enc2");
        assertThat(document.pcrs()).hasSize(3);
        assertThat(document.nullFields()).containsExactly("public_key");
        assertThat(document.userData())
                .hasValueSatisfying(data -> assertThat(data.length()).isZero());
        assertThat(document.nonce())
                .hasValueSatisfying(data -> assertThat(data.length()).isEqualTo(1024));
        assertThat(document.debug()).isTrue();
    }

    @Test
    void listsUnknownKeysWhichAreSigned() throws EvidenceRejectedException {
        List<Field> fields = fields();
        fields.add(
                new Field("later", w -> w.array(2).integer(1).map(1).text("a").bool(true)));
        assertThat(NitroParser.parsePayload(payload(fields, true)).unknownFields())
                .containsExactly("later");
    }

    @Test
    void anyMandatoryFieldMayBeMissing() {
        for (String name : List.of("module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle")) {
            List<Field> fields = fields();
            fields.removeIf(field -> field.name.equals(name));
            assertThat(payloadReason(payload(fields, false))).as(name).isEqualTo(RejectionReason.NITRO_FIELD_MISSING);
        }
    }

    @Test
    void optionalFieldsMayBeAbsent() throws EvidenceRejectedException {
        List<Field> fields = fields();
        fields.removeIf(field -> List.of("public_key", "user_data", "nonce").contains(field.name));
        NitroDocument document = NitroParser.parsePayload(payload(fields, false));
        assertThat(document.publicKey()).isEmpty();
        assertThat(document.nullFields()).isEmpty();
    }

    @Test
    void keysMayNotRepeat() {
        for (boolean indefinite : new boolean[] {false, true}) {
            List<Field> fields = fields();
            fields.add(fields.get(0));
            assertThat(payloadReason(payload(fields, indefinite))).isEqualTo(RejectionReason.NITRO_DUPLICATE_KEY);
        }
        assertThat(payloadReason(with("pcrs", w -> pcrs(w, 0, 1, 1)))).isEqualTo(RejectionReason.NITRO_DUPLICATE_KEY);
        List<Field> unknown = fields();
        unknown.add(new Field("later", w -> w.integer(1)));
        unknown.add(new Field("later", w -> w.integer(1)));
        assertThat(payloadReason(payload(unknown, false))).isEqualTo(RejectionReason.NITRO_DUPLICATE_KEY);
    }

    @Test
    void fieldsHaveTheirTypesLengthsAndValues() {
        assertThat(payloadReason(with("module_id", w -> w.text("")))).isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
        assertThat(payloadReason(with("module_id", w -> w.bytes(new byte[3]))))
                .isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
        assertThat(payloadReason(with("module_id", CborWriter::nullItem)))
                .isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
        assertThat(payloadReason(with("timestamp", w -> w.integer(0)))).isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
        assertThat(payloadReason(with("timestamp", w -> w.integer(-1)))).isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
        for (String name : List.of("certificate", "public_key")) {
            assertThat(payloadReason(with(name, w -> w.bytes(new byte[0]))))
                    .isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
        }
        for (String name : List.of("certificate", "public_key", "user_data", "nonce")) {
            assertThat(payloadReason(with(name, w -> w.bytes(new byte[1025]))))
                    .isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
            assertThat(payloadReason(with(name, w -> w.text("x")))).isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
        }
        assertThat(payloadReason(with("cabundle", w -> w.array(0)))).isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
        assertThat(payloadReason(with("cabundle", w -> {
                    w.array(17);
                    for (int i = 0; i < 17; i++) {
                        w.bytes(new byte[1]);
                    }
                })))
                .isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
        assertThat(payloadReason(with("digest", w -> w.text("SHA256")))).isEqualTo(RejectionReason.NITRO_DIGEST);
    }

    @Test
    void pcrsHaveTheirIndexesAndLengths() {
        assertThat(payloadReason(with("pcrs", w -> w.map(0)))).isEqualTo(RejectionReason.NITRO_PCR_INVALID);
        assertThat(payloadReason(with("pcrs", w -> pcrs(w, 32)))).isEqualTo(RejectionReason.NITRO_PCR_INVALID);
        for (int length : new int[] {0, 32, 47, 49, 64}) {
            assertThat(payloadReason(with("pcrs", w -> w.map(1).integer(0).bytes(new byte[length]))))
                    .isEqualTo(RejectionReason.NITRO_PCR_INVALID);
        }
        int[] tooMany = java.util.stream.IntStream.range(0, 33).toArray();
        assertThat(payloadReason(with("pcrs", w -> pcrs(w, tooMany)))).isEqualTo(RejectionReason.NITRO_PCR_INVALID);
        int[] most = java.util.stream.IntStream.range(0, 32).toArray();
        assertThat(catchThrowableOfType(
                        EvidenceRejectedException.class,
                        () -> NitroParser.parsePayload(with("pcrs", w -> pcrs(w, most)))))
                .isNull();
    }

    @Test
    void thePayloadIsConsumedWhole() {
        byte[] good = payload(fields(), true);
        assertThat(payloadReason(Arrays.copyOf(good, good.length + 1))).isEqualTo(RejectionReason.TRAILING_DATA);
        for (int length = 0; length < good.length; length++) {
            assertThat(payloadReason(Arrays.copyOf(good, length)))
                    .isIn(RejectionReason.MALFORMED, RejectionReason.NITRO_FIELD_INVALID);
        }
        // A break where a value belongs, and one in a map of definite length.
        assertThat(payloadReason(new CborWriter()
                        .indefiniteMap()
                        .text("nonce")
                        .breakItem()
                        .toByteArray()))
                .isIn(RejectionReason.MALFORMED, RejectionReason.NITRO_FIELD_INVALID);
        List<Field> many = fields();
        for (int i = 0; i < 40; i++) {
            int n = i;
            many.add(new Field("k" + n, w -> w.integer(n)));
        }
        assertThat(payloadReason(payload(many, true))).isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
        assertThat(payloadReason(payload(many, false))).isEqualTo(RejectionReason.NITRO_FIELD_INVALID);
    }

    @Test
    void theEnvelopeIsACoseSign1() throws EvidenceRejectedException {
        byte[] good = cose().bytes(new byte[] {1}).bytes(new byte[96]).toByteArray();
        assertThat(NitroParser.parseCose(good).payload()).containsExactly(1);
        byte[] tagged = new CborWriter().tag(18).encoded(good).toByteArray();
        assertThat(NitroParser.parseCose(tagged).signature()).hasSize(96);
        assertThat(coseReason(new CborWriter().tag(17).encoded(good).toByteArray()))
                .isEqualTo(RejectionReason.NITRO_COSE_STRUCTURE);
        assertThat(coseReason(new CborWriter().array(3).toByteArray())).isEqualTo(RejectionReason.MALFORMED);
        assertThat(coseReason(new CborWriter()
                        .array(3)
                        .nullItem()
                        .nullItem()
                        .nullItem()
                        .toByteArray()))
                .isEqualTo(RejectionReason.NITRO_COSE_STRUCTURE);
        assertThat(coseReason(Arrays.copyOf(good, good.length + 1))).isEqualTo(RejectionReason.TRAILING_DATA);
        assertThat(coseReason(Arrays.copyOf(good, good.length - 1))).isEqualTo(RejectionReason.MALFORMED);
        assertThat(coseReason(cose().bytes(new byte[1]).bytes(new byte[95]).toByteArray()))
                .isEqualTo(RejectionReason.NITRO_COSE_STRUCTURE);
        assertThat(coseReason(cose().nullItem().bytes(new byte[96]).toByteArray()))
                .isEqualTo(RejectionReason.NITRO_COSE_STRUCTURE);
    }

    @Test
    void sizesHaveLimits() {
        assertThat(coseReason(cose().bytes(new byte[0]).bytes(new byte[96]).toByteArray()))
                .isEqualTo(RejectionReason.NITRO_SIZE);
        assertThat(coseReason(cose().bytes(new byte[16 * 1024 + 1])
                        .bytes(new byte[96])
                        .toByteArray()))
                .isEqualTo(RejectionReason.NITRO_SIZE);
        assertThat(coseReason(new byte[20 * 1024 + 1])).isEqualTo(RejectionReason.NITRO_SIZE);
        assertThat(catchThrowableOfType(
                        EvidenceRejectedException.class,
                        () -> NitroParser.parseCose(cose().bytes(new byte[16 * 1024])
                                .bytes(new byte[96])
                                .toByteArray())))
                .isNull();
    }

    @Test
    void headersAreExactlyEs384() {
        byte[][] wrong = {
            new CborWriter().map(1).integer(1).integer(-7).toByteArray(),
            new CborWriter().map(1).integer(1).text("ES384").toByteArray(),
            new CborWriter()
                    .map(2)
                    .integer(1)
                    .integer(-35)
                    .integer(2)
                    .array(1)
                    .integer(9)
                    .toByteArray(),
            new CborWriter().map(0).toByteArray(),
            new byte[0],
            {(byte) 0xA1, 0x18, 0x01, 0x38, 0x22}
        };
        for (byte[] header : wrong) {
            assertThat(coseReason(new CborWriter()
                            .array(4)
                            .bytes(header)
                            .map(0)
                            .bytes(new byte[1])
                            .bytes(new byte[96])
                            .toByteArray()))
                    .isEqualTo(RejectionReason.NITRO_ALGORITHM);
        }
        assertThat(coseReason(new CborWriter()
                        .array(4)
                        .bytes(new byte[] {(byte) 0xA1, 0x01, 0x38, 0x22})
                        .map(1)
                        .integer(4)
                        .bytes(new byte[0])
                        .bytes(new byte[1])
                        .bytes(new byte[96])
                        .toByteArray()))
                .isEqualTo(RejectionReason.NITRO_UNPROTECTED_HEADER);
    }
}
