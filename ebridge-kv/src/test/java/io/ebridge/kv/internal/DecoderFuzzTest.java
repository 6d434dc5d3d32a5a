package io.ebridge.kv.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.ebridge.kv.SealingException;
import io.ebridge.kv.UnsupportedFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Whatever bytes arrive, decoders return what can be encoded again to the same bytes, or say no in the way they are meant to. */
class DecoderFuzzTest {

    private static final KeyTree KEYS = new KeyTree(new byte[32], "fuzz");

    @FuzzTest
    void recordHeader(FuzzedDataProvider data) {
        byte[] bytes = data.consumeRemainingAsBytes();
        RecordHeader header = RecordHeader.parse(bytes);
        if (header != null) {
            byte[] again = new byte[header.length()];
            header.write(again, 0);
            assertThat(again).isEqualTo(java.util.Arrays.copyOf(bytes, again.length));
        }
    }

    @FuzzTest
    void recordContent(FuzzedDataProvider data) {
        int flags = data.consumeInt(0, 15);
        byte[] bytes = data.consumeRemainingAsBytes();
        RecordCodec.Content content = RecordCodec.decode(bytes, bytes.length, flags, null);
        if (content != null) {
            RecordCodec.Content again = RecordCodec.decode(bytes, bytes.length, flags, content.key());
            assertThat(again).isNotNull();
            assertThat(again.key()).isSameAs(content.key());
            assertThat(again.value()).isEqualTo(content.value());
            assertThat(content.key().length + content.value().length).isLessThanOrEqualTo(bytes.length - 6);
        }
    }

    /** A record that was never sealed opens under no key. */
    @FuzzTest
    void record(FuzzedDataProvider data) {
        byte[] bytes = data.consumeRemainingAsBytes();
        RecordHeader header = RecordHeader.parse(bytes);
        if (header != null) {
            CryptoUnit unit = new CryptoUnit();
            assertThat(new RecordCodec(KEYS.storeId())
                            .open(unit, KEYS.valueKey(1, "n", new byte[32]), header, 1, 2, bytes, bytes.length, null))
                    .isNull();
        }
    }

    @FuzzTest
    void manifestBody(FuzzedDataProvider data) {
        byte[] bytes = data.consumeRemainingAsBytes();
        Manifest manifest = ManifestCodec.decode(ByteBuffer.wrap(bytes));
        if (manifest != null) {
            assertThat(ManifestCodec.encode(manifest)).isEqualTo(bytes);
        }
    }

    @FuzzTest
    void manifest(FuzzedDataProvider data) {
        int slot = data.consumeInt(0, 1);
        byte[] bytes = data.consumeRemainingAsBytes();
        try {
            assertThat(new ManifestCodec(KEYS).open(new CryptoUnit(), bytes, slot))
                    .isNull();
        } catch (UnsupportedFormatException e) {
            assertThat(bytes.length).isGreaterThan(4);
        }
    }

    @FuzzTest
    void configuration(FuzzedDataProvider data) {
        try {
            ConfigCodec.open(new byte[32], "fuzz", data.consumeRemainingAsBytes());
            throw new AssertionError("a forged configuration was opened");
        } catch (SealingException | UnsupportedFormatException e) {
            assertThat(e.reason()).isNotNull();
        }
    }

    @FuzzTest
    void storeProtocol(FuzzedDataProvider data) throws IOException {
        byte[] bytes = data.consumeRemainingAsBytes();
        Frame frame;
        try {
            frame = Frame.read(new ByteArrayInputStream(bytes));
        } catch (IOException e) {
            return;
        }
        if (frame == null) {
            assertThat(bytes).isEmpty();
            return;
        }
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        frame.write(again);
        assertThat(bytes).startsWith(again.toByteArray());
        body(frame.body());
    }

    @FuzzTest
    void storeProtocolBodies(FuzzedDataProvider data) {
        body(data.consumeRemainingAsBytes());
    }

    private interface Decoding {
        byte[] run() throws IOException;
    }

    private static void body(byte[] body) {
        same(body, () -> Frame.Hello.decode(body).encode(), false);
        same(body, () -> Frame.welcome(Frame.decodeWelcome(body)), true);
        same(body, () -> Frame.keys(Frame.decodeKeys(body)), true);
        same(body, () -> Frame.values(Frame.decodeValues(body, 100)), true);
        same(body, () -> Frame.Write.decode(body).encode(), true);
        same(body, () -> Frame.Scan.decode(body).encode(), true);
        same(body, () -> Frame.page(Frame.decodePage(body, 100)), true);
    }

    private static void same(byte[] body, Decoding decoding, boolean exactly) {
        byte[] again;
        try {
            again = decoding.run();
        } catch (IOException e) {
            return;
        }
        // Names are UTF-8 and may have been repaired.
        if (exactly) {
            assertThat(again).isEqualTo(body);
        }
    }
}
