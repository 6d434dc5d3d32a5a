package io.ebridge.testkit.attest;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceVerifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every mutation of one byte is rejected, or changes nothing that a result says: then it lies in one of the places that are listed here with the
 * reason why no signature covers them.
 */
class MutationTest {
    private static final int SAMPLE = 16;

    /** Intel's issuer chain beside the PCK CRL: the verifier takes the issuer from the quote's own chain and never opens this one. */
    private static final Set<Kind> UNUSED =
            EnumSet.of(Kind.PCK_CRL_CHAIN, Kind.TCB_EVAL_NUMBERS, Kind.TCB_EVAL_NUMBERS_CHAIN);

    private static final Set<Kind> SIGNED_JSON = EnumSet.of(Kind.TCB_INFO, Kind.QE_IDENTITY);

    /** A quote's last byte is the NUL behind the PEM text of the PCK chain: any white space is as good. */
    private static final Set<EvidenceFormat> ENDS_IN_TEXT = EnumSet.of(EvidenceFormat.SGX, EvidenceFormat.TDX);

    static Stream<FakeQuotingEnclave> kinds() {
        return Stream.of(
                        FakeNitro.standard().indefiniteMap(),
                        FakeSgx.standard(),
                        FakeTdx.standard().quoteV5(true),
                        FakeSnp.standard(),
                        FakeSnp.standard().vlek("CN=cc.insecure-test.invalid"))
                .map(Fixtures::at);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void sampledBytes(FakeQuotingEnclave fake) throws Exception {
        sweep(fake, SAMPLE);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @Tag("soak")
    void everyByte(FakeQuotingEnclave fake) throws Exception {
        sweep(fake, 1);
    }

    private static void sweep(FakeQuotingEnclave fake, int step) throws Exception {
        EvidenceRequest request = Fixtures.request(fake.format());
        AppraisalPolicy policy = Fixtures.expecting(fake, request);
        Evidence good = fake.quote(request).withCollateral(fake.collateral());
        EvidenceVerifier verifier = EvidenceVerifier.builder()
                .trustAnchors(fake.trustAnchors())
                .clock(Fixtures.CLOCK)
                .build();
        AttestationResult expected = verifier.verify(good, policy);

        List<String> wrong = new ArrayList<>();
        byte[] bytes = good.bytes().toByteArray();
        for (int i : positions(bytes.length, step)) {
            Evidence mutant = new Evidence(good.format(), Bytes.of(mutate(bytes, i)), good.collateral());
            boolean terminator = i == bytes.length - 1 && ENDS_IN_TEXT.contains(good.format());
            judge(verifier, mutant, policy, expected, "evidence[" + i + "]", terminator, wrong);
        }
        for (Kind kind : good.collateral().kinds()) {
            byte[] piece = good.collateral().pieces(kind).get(0).toByteArray();
            for (int i : positions(piece.length, step)) {
                Evidence mutant = good.withCollateral(replace(good.collateral(), kind, mutate(piece, i)));
                judge(verifier, mutant, policy, expected, kind + "[" + i + "]", free(kind, piece, i), wrong);
            }
        }
        assertThat(wrong).as("accepted although a byte was changed").isEmpty();
    }

    /** Every byte at the start, where the structure is, and then one in so many; the bit that is turned moves along. */
    private static List<Integer> positions(int length, int step) {
        List<Integer> at = new ArrayList<>();
        for (int i = 0; i < length; i += i < 64 ? 1 : step) {
            at.add(i);
        }
        at.add(length - 1);
        return at;
    }

    private static byte[] mutate(byte[] bytes, int at) {
        byte[] c = bytes.clone();
        c[at] ^= (byte) (1 << at % 8);
        return c;
    }

    private static Collateral replace(Collateral all, Kind kind, byte[] piece) {
        Collateral.Builder b = Collateral.builder();
        for (Kind k : all.kinds()) {
            if (k == kind) {
                b.add(k, piece);
            } else {
                all.pieces(k).forEach(p -> b.add(k, p.toByteArray()));
            }
        }
        return b.build();
    }

    /** Bytes that no signature covers and no result depends on. */
    private static boolean free(Kind kind, byte[] piece, int at) {
        if (UNUSED.contains(kind)) {
            return true;
        }
        // A signature's hexadecimal digits mean the same in upper and in lower case.
        String text = new String(piece, StandardCharsets.ISO_8859_1);
        if (SIGNED_JSON.contains(kind)
                && at > text.lastIndexOf("\"signature\":\"")
                && Character.isLetter(text.charAt(at))
                && (piece[at] ^ mutate(piece, at)[at]) == 0x20) {
            return true;
        }
        // A signing chain ends in a copy of the root; the verifier has the quote's own copy, which is verified.
        return (kind == Kind.TCB_INFO_CHAIN || kind == Kind.QE_IDENTITY_CHAIN)
                && at >= text.lastIndexOf("-----BEGIN") - 1;
    }

    private static void judge(
            EvidenceVerifier verifier,
            Evidence mutant,
            AppraisalPolicy policy,
            AttestationResult expected,
            String where,
            boolean free,
            List<String> wrong) {
        try {
            AttestationResult result = verifier.verify(mutant, policy);
            if (!free || !result.equals(expected)) {
                wrong.add(where + (result.equals(expected) ? " (same result)" : " (another result)"));
            }
        } catch (EvidenceRejectedException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
