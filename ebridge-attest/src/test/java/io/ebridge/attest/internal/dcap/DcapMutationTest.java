package io.ebridge.attest.internal.dcap;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Strictness;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every byte of a valid quote and of its collateral: changing it is rejected, or the result is the same to the last field, which is
 * only ever so in text around what is signed (the PEM armour of certificates, the hexadecimal case of a signature), shown here.
 */
class DcapMutationTest {

    private static final int[] TWO_BITS = {0x01, 0x80};
    private static final int[] EVERY_BIT = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF};

    /** The issuer chain of a CRL is looked at only by a check of collateral alone: a quote brings the CA's certificate. */
    private static final Set<Kind> UNUSED = EnumSet.of(Kind.PCK_CRL_CHAIN);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sgx-dcap-qvl-sgx-quote-tcb20250619",
                "tdx-dcap-qvl-tdx-quote-tcb20250619",
                "tdx-automata-quotev5-tcb20250605"
            })
    void structuralBytesOfTheQuoteAndOneInSixteenOfTheRest(String id) throws Exception {
        DcapCases.Case c = DcapCases.named(id);
        byte[] quote = c.evidence();
        BitSet chosen = structure(quote);
        for (int i = 0; i < quote.length; i += 16) {
            chosen.set(i);
        }
        sweepQuote(c, quote, chosen, TWO_BITS);
    }

    @ParameterizedTest
    @Tag("soak")
    @ValueSource(
            strings = {
                "sgx-dcap-qvl-sgx-quote-tcb20250619",
                "tdx-dcap-qvl-tdx-quote-tcb20250619",
                "tdx-automata-quotev5-tcb20250605"
            })
    void everyBitOfTheQuote(String id) throws Exception {
        DcapCases.Case c = DcapCases.named(id);
        byte[] quote = c.evidence();
        BitSet all = new BitSet();
        all.set(0, quote.length);
        sweepQuote(c, quote, all, EVERY_BIT);
    }

    @Test
    void oneInSixteenOfTheCollateral() throws Exception {
        sweepCollateral(DcapCases.named("sgx-dcap-qvl-sgx-quote-tcb20250619"), 16, TWO_BITS);
        sweepCollateral(DcapCases.named("tdx-dcap-qvl-tdx-quote-tcb20250619"), 16, TWO_BITS);
    }

    @Test
    @Tag("soak")
    void everyBitOfTheCollateral() throws Exception {
        sweepCollateral(DcapCases.named("sgx-dcap-qvl-sgx-quote-tcb20250619"), 1, EVERY_BIT);
        sweepCollateral(DcapCases.named("tdx-dcap-qvl-tdx-quote-tcb20250619"), 1, EVERY_BIT);
    }

    private static void sweepQuote(DcapCases.Case c, byte[] quote, BitSet positions, int[] flips) throws Exception {
        EvidenceVerifier verifier = c.verifier();
        Collateral collateral = c.collateral();
        AttestationResult expected = verify(verifier, c, quote, collateral);
        int pem = new String(quote, StandardCharsets.ISO_8859_1).indexOf("-----BEGIN");
        int pemEnd = new String(quote, StandardCharsets.ISO_8859_1).lastIndexOf("-----END") + 27;
        List<String> wrong = new ArrayList<>();
        for (int at = positions.nextSetBit(0); at >= 0; at = positions.nextSetBit(at + 1)) {
            for (int flip : flips) {
                byte[] altered = quote.clone();
                altered[at] ^= (byte) flip;
                try {
                    AttestationResult result = verify(verifier, c, altered, collateral);
                    if (at < pem || at >= pemEnd || !result.equals(expected)) {
                        wrong.add(at + "^" + flip);
                    }
                } catch (EvidenceRejectedException e) {
                    assertThat(e.reason()).isNotNull();
                }
            }
        }
        assertThat(wrong).as("altered bytes that were accepted, of " + c).isEmpty();
    }

    private static void sweepCollateral(DcapCases.Case c, int step, int[] flips) throws Exception {
        EvidenceVerifier verifier = c.verifier();
        Collateral collateral = c.collateral();
        byte[] quote = c.evidence();
        AttestationResult expected = verify(verifier, c, quote, collateral);
        List<String> wrong = new ArrayList<>();
        int rejected = 0;
        for (Kind kind : collateral.kinds()) {
            for (Bytes piece : collateral.pieces(kind)) {
                byte[] original = piece.toByteArray();
                for (int at = 0; at < original.length; at += step) {
                    for (int flip : flips) {
                        byte[] altered = original.clone();
                        altered[at] ^= (byte) flip;
                        try {
                            AttestationResult result =
                                    verify(verifier, c, quote, replace(collateral, kind, piece, altered));
                            if (!result.equals(expected) || !isArmour(kind, original, at)) {
                                wrong.add(kind + " " + at + "^" + flip);
                            }
                        } catch (EvidenceRejectedException e) {
                            rejected++;
                        }
                    }
                }
            }
        }
        assertThat(wrong).as("altered collateral that was accepted, of " + c).isEmpty();
        assertThat(rejected).isGreaterThan(1000);
    }

    /** Text that no signature covers and from which nothing follows. */
    private static boolean isArmour(Kind kind, byte[] piece, int at) {
        if (UNUSED.contains(kind) || piece[0] == '-') {
            return true;
        }
        // The hexadecimal digits of a document's signature: either case means the same.
        return piece[0] == '{' && at > new String(piece, StandardCharsets.ISO_8859_1).lastIndexOf("\"signature\"");
    }

    private static Collateral replace(Collateral collateral, Kind kind, Bytes piece, byte[] by) {
        Collateral.Builder builder = Collateral.builder();
        for (Kind each : collateral.kinds()) {
            for (Bytes other : collateral.pieces(each)) {
                builder.add(each, each == kind && other.equals(piece) ? by : other.toByteArray());
            }
        }
        return builder.build();
    }

    private static AttestationResult verify(
            EvidenceVerifier verifier, DcapCases.Case c, byte[] quote, Collateral collateral)
            throws EvidenceRejectedException {
        return verifier.insecureWithoutAppraisal(
                Evidence.of(c.format(), quote).withCollateral(collateral), Strictness.full());
    }

    /** Header, descriptor, lengths and types, and what surrounds them: everything but measurements, keys, signatures and text. */
    private static BitSet structure(byte[] quote) {
        BitSet structure = new BitSet();
        structure.set(0, 48);
        int version = quote[0];
        boolean tdx = quote[4] != 0;
        int at = 48;
        int body = tdx ? 584 : 384;
        if (version == 5) {
            structure.set(at, at + 6);
            body = (quote[50] & 0xFF) | (quote[51] & 0xFF) << 8;
            at += 6;
        }
        at += body;
        structure.set(at, at + 4);
        at += 4 + 128;
        if (version > 3) {
            structure.set(at, at + 6);
            at += 6;
        }
        at += 384 + 64;
        structure.set(at, at + 2);
        at += 2 + ((quote[at] & 0xFF) | (quote[at + 1] & 0xFF) << 8);
        structure.set(at, at + 6);
        int end = at + 6 + ((quote[at + 2] & 0xFF) | (quote[at + 3] & 0xFF) << 8);
        structure.set(end, quote.length);
        return structure;
    }
}
