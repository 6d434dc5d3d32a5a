package io.ebridge.attest.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.Availability;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import io.ebridge.attest.cbor.CborReader;
import io.ebridge.attest.cbor.CborWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class NitroProviderTest {

    /** Answers every request alike and remembers them. */
    private static final class Module implements NsmDevice {
        final List<byte[]> requests = new ArrayList<>();
        private final byte[] response;

        Module(byte[] response) {
            this.response = response;
        }

        @Override
        public Availability available() {
            return Availability.yes();
        }

        @Override
        public byte[] exchange(byte[] request) {
            requests.add(request);
            return response;
        }
    }

    private static byte[] answer(byte[] document) {
        return new CborWriter()
                .map(1)
                .text("Attestation")
                .map(1)
                .text("document")
                .bytes(document)
                .toByteArray();
    }

    private static EvidenceUnavailableException failure(byte[] response) {
        return catchThrowableOfType(EvidenceUnavailableException.class, () -> NitroProvider.of(new Module(response))
                .quote(EvidenceRequest.of(new byte[64])));
    }

    @Test
    void reportDataNonceAndKeyHashHaveTheirFields() throws Exception {
        Module module = new Module(answer(new byte[] {1, 2, 3}));
        NitroProvider provider = NitroProvider.of(module);
        byte[] data = new byte[64];
        data[0] = 7;
        byte[] hash = new byte[32];
        hash[31] = 9;
        var evidence = provider.quote(
                EvidenceRequest.of(data).withNonce(new byte[] {5}).withPublicKeySha256(hash));
        assertThat(evidence.format()).isEqualTo(EvidenceFormat.NITRO);
        assertThat(evidence.bytes().hex()).isEqualTo("010203");
        CborReader in = CborReader.of(module.requests.get(0));
        assertThat(in.openMap(1)).isEqualTo(1);
        assertThat(in.readText(32)).isEqualTo("Attestation");
        assertThat(in.openMap(3)).isEqualTo(3);
        assertThat(in.readText(32)).isEqualTo("user_data");
        assertThat(in.readBytes(64)).isEqualTo(data);
        assertThat(in.readText(32)).isEqualTo("nonce");
        assertThat(in.readBytes(64)).containsExactly(5);
        assertThat(in.readText(32)).isEqualTo("public_key");
        assertThat(in.readBytes(64)).isEqualTo(hash);
        in.end();
    }

    @Test
    void whatIsAbsentIsNull() throws Exception {
        Module module = new Module(answer(new byte[] {1}));
        NitroProvider.of(module).quote(EvidenceRequest.of(new byte[64]));
        String request = HexFormat.of().formatHex(module.requests.get(0));
        // "nonce": null, "public_key": null
        assertThat(request).endsWith("656e6f6e6365f6" + "6a7075626c69635f6b6579f6");
    }

    @Test
    void theLongestRequestFitsTheDevice() throws Exception {
        Module module = new Module(answer(new byte[] {1}));
        NitroProvider.of(module)
                .quote(EvidenceRequest.of(new byte[64])
                        .withNonce(new byte[EvidenceRequest.MAX_NONCE_BYTES])
                        .withPublicKeySha256(new byte[32]));
        assertThat(module.requests.get(0).length).isLessThan(NsmDevice.MAX_REQUEST);
    }

    @Test
    void anErrorOfTheModuleIsToldByName() {
        EvidenceUnavailableException e = failure(
                new CborWriter().map(1).text("Error").text("InputTooLarge").toByteArray());
        assertThat(e.reason()).isEqualTo(Reason.DEVICE_REFUSED);
        assertThat(e).hasMessageContaining("InputTooLarge");
    }

    @Test
    void anythingElseIsABadAnswer() {
        byte[] sound = answer(new byte[] {1, 2, 3});
        List<byte[]> answers = new ArrayList<>(List.of(
                new byte[0],
                new byte[] {0x60},
                new CborWriter().text("DescribeNSM").toByteArray(),
                new CborWriter().map(1).text("Attestation").nullItem().toByteArray(),
                new CborWriter().map(1).text("GetRandom").map(0).toByteArray(),
                answer(new byte[0]),
                java.util.Arrays.copyOf(sound, sound.length + 1)));
        for (int i = 0; i < sound.length; i++) {
            answers.add(java.util.Arrays.copyOf(sound, i));
        }
        for (byte[] answer : answers) {
            assertThat(failure(answer).reason())
                    .as(HexFormat.of().formatHex(answer))
                    .isEqualTo(Reason.BAD_ANSWER);
        }
    }

    @Test
    void aRequestHasASize() {
        NsmDevice device = NsmDevice.at(Path.of("/dev/null"));
        assertThatIllegalArgumentException().isThrownBy(() -> device.exchange(new byte[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> device.exchange(new byte[NsmDevice.MAX_REQUEST + 1]));
    }

    @Test
    void aRuntimeWithoutForeignFunctionsSaysSo() {
        // Outside a packaged jar the class for Java 22 is never in force.
        Availability available = NsmDevice.at(Path.of("/dev/null")).available();
        assertThat(available.available()).isFalse();
        assertThat(available.reason()).contains("needs Java 22 or later").contains("multi-release jar");
        assertThat(catchThrowableOfType(EvidenceUnavailableException.class, () -> NitroProvider.create()
                                .quote(EvidenceRequest.of(new byte[64])))
                        .reason())
                .isEqualTo(Reason.UNSUPPORTED_RUNTIME);
    }
}
