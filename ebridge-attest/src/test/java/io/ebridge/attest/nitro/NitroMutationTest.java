package io.ebridge.attest.nitro;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.cbor.CborException;
import io.ebridge.attest.cbor.CborReader;
import io.ebridge.attest.vectors.Vectors;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** No byte of a valid document can be changed without its being rejected. */
class NitroMutationTest {

    private static final String DOCUMENT =
            "nitro/veracruz-project_go-nitro-enclave-attestation-document/aws_nitro_document.cbor";
    private final EvidenceVerifier verifier = EvidenceVerifier.builder()
            .clock(InstantSource.fixed(Instant.parse("2022-11-09T22:52:00.696Z")))
            .build();

    @Test
    void everyStructuralByteAndOneInSixteenOfTheRest() throws CborException, EvidenceRejectedException {
        byte[] document = Vectors.read(DOCUMENT);
        BitSet structure = structure(document);
        assertThat(structure.cardinality()).isGreaterThan(100);
        BitSet chosen = (BitSet) structure.clone();
        for (int i = 0; i < document.length; i += 16) {
            chosen.set(i);
        }
        sweep(document, chosen, new int[] {0x01, 0x80});
    }

    @Test
    @Tag("soak")
    void everyByteInEveryBit() throws EvidenceRejectedException {
        byte[] document = Vectors.read(DOCUMENT);
        BitSet all = new BitSet();
        all.set(0, document.length);
        sweep(document, all, new int[] {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF});
    }

    private void sweep(byte[] document, BitSet positions, int[] flips) throws EvidenceRejectedException {
        verify(document);
        List<String> accepted = new ArrayList<>();
        positions.stream().forEach(at -> {
            for (int flip : flips) {
                byte[] altered = document.clone();
                altered[at] ^= (byte) flip;
                try {
                    verify(altered);
                    accepted.add(at + "^" + flip);
                } catch (EvidenceRejectedException e) {
                    assertThat(e.reason()).isNotNull();
                }
            }
        });
        assertThat(accepted).as("altered bytes that were accepted").isEmpty();
    }

    private AttestationResult verify(byte[] document) throws EvidenceRejectedException {
        return verifier.insecureWithoutAppraisal(Evidence.of(EvidenceFormat.NITRO, document), Strictness.full());
    }

    /** The heads of all items, and whatever is no string content. */
    private static BitSet structure(byte[] document) throws CborException {
        BitSet structure = new BitSet();
        structure.set(0, document.length);
        CborReader reader = CborReader.of(document);
        reader.openArray(4);
        content(reader, structure);
        reader.openMap(0);
        int payloadEnds = content(reader, structure);
        content(reader, structure);
        byte[] payload = payload(document);
        int payloadStart = payloadEnds - payload.length;
        structure.set(payloadStart, payloadEnds);
        CborReader inner = CborReader.of(document, payloadStart, payload.length);
        int pairs = inner.openMap(16, true);
        for (int i = 0; i < pairs; i++) {
            inner.readText(64);
            strings(inner, structure);
        }
        return structure;
    }

    private static void strings(CborReader reader, BitSet structure) throws CborException {
        switch (reader.peek()) {
            case BYTES -> content(reader, structure);
            case ARRAY -> {
                int count = reader.openArray(64);
                for (int i = 0; i < count; i++) {
                    strings(reader, structure);
                }
            }
            case MAP -> {
                int count = reader.openMap(64);
                for (int i = 0; i < count; i++) {
                    reader.skip(0);
                    strings(reader, structure);
                }
            }
            default -> reader.skip(4);
        }
    }

    private static int content(CborReader reader, BitSet structure) throws CborException {
        int length = reader.readBytes(20_000).length;
        structure.clear(reader.offset() - length, reader.offset());
        return reader.offset();
    }

    private static byte[] payload(byte[] document) throws CborException {
        CborReader reader = CborReader.of(document);
        reader.openArray(4);
        reader.skip(0);
        reader.skip(0);
        return reader.readBytes(20_000);
    }
}
