package io.ebridge.testkit.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceVerifier;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FakeQuotingEnclaveTest {
    static Stream<FakeQuotingEnclave> all() {
        return Fixtures.everyVariant();
    }

    @ParameterizedTest
    @MethodSource("all")
    void verifierAcceptsEveryVariant(FakeQuotingEnclave fake) throws Exception {
        EvidenceRequest request = Fixtures.request(fake.format());
        Evidence evidence = fake.quote(request);

        AttestationResult result = fake.verifier().verify(evidence, Fixtures.expecting(fake, request));

        assertThat(result.format()).isEqualTo(fake.format());
        assertThat(result.appraisal().debug()).isFalse();
        assertThat(result.validity().contains(Fixtures.NOW)).isTrue();
        assertThat(Evidence.detect(evidence.bytes().toByteArray())).contains(fake.format());
    }

    @ParameterizedTest
    @MethodSource("all")
    void productionAnchorsRejectEveryVariant(FakeQuotingEnclave fake) throws Exception {
        EvidenceRequest request = Fixtures.request(fake.format());
        EvidenceVerifier production = EvidenceVerifier.builder()
                .collateral(fake.collateralSource())
                .clock(Fixtures.CLOCK)
                .build();

        assertThatThrownBy(() -> production.verify(fake.quote(request), Fixtures.expecting(fake, request)))
                .isInstanceOfSatisfying(
                        EvidenceRejectedException.class,
                        e -> assertThat(e.reason().name()).isEqualTo("UNKNOWN_ROOT"));
    }

    @ParameterizedTest
    @MethodSource("all")
    void sameSeedAndClockGiveTheSameBytes(FakeQuotingEnclave fake) throws Exception {
        EvidenceRequest request = Fixtures.request(fake.format());
        assertThat(fake.quote(request)).isEqualTo(fake.clock(() -> Fixtures.NOW).quote(request));
        assertThat(fake.collateral()).isEqualTo(fake.clock(() -> Fixtures.NOW).collateral());
        assertThat(fake.seed(99).quote(request)).isNotEqualTo(fake.quote(request));
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyCertificateSaysThatItIsATest(FakeQuotingEnclave fake) throws Exception {
        List<X509Certificate> all = new ArrayList<>(fake.roots());
        byte[] evidence = fake.quote(Fixtures.request(fake.format())).bytes().toByteArray();
        all.addAll(certificatesIn(evidence));
        for (Collateral.Kind kind : fake.collateral().kinds()) {
            for (Bytes piece : fake.collateral().pieces(kind)) {
                all.addAll(certificatesIn(piece.toByteArray()));
            }
        }
        // Roots, and a chain of five (Nitro), nine in several copies (Intel) or three (AMD).
        assertThat(all).hasSizeGreaterThanOrEqualTo(5 + 3).allSatisfy(c -> assertThat(
                        c.getSubjectX500Principal().getName())
                .contains("INSECURE TEST"));
    }

    /** Whatever is a certificate in some bytes: in DER at any place, or in PEM. */
    private static List<X509Certificate> certificatesIn(byte[] bytes) throws Exception {
        List<X509Certificate> found = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        for (int at = text.indexOf("-----BEGIN CERT"); at >= 0; at = text.indexOf("-----BEGIN CERT", at + 1)) {
            found.add((X509Certificate) factory.generateCertificate(
                    new ByteArrayInputStream(bytes, at, text.indexOf("-----END", at) + 25 - at)));
        }
        for (int i = 0; i + 4 < bytes.length; i++) {
            int length = (bytes[i + 2] & 0xff) << 8 | bytes[i + 3] & 0xff;
            boolean outer = bytes[i] == 0x30
                    && bytes[i + 1] == (byte) 0x82
                    && bytes[i + 4] == 0x30
                    && i + 4 + length <= bytes.length;
            if (outer) {
                try {
                    found.add((X509Certificate)
                            factory.generateCertificate(new ByteArrayInputStream(bytes, i, length + 4)));
                    i += length + 3;
                } catch (CertificateException e) {
                    assertThat(e)
                            .as("a structure that is no certificate: a CRL, or part of one")
                            .isNotNull();
                }
            }
        }
        return found;
    }

    @Test
    void startsFast() throws Exception {
        long best = Long.MAX_VALUE;
        // New keys and certificates each time; the least of several runs, since the machine has other work to do.
        for (int run = 0; run < 12; run++) {
            long from = System.nanoTime();
            for (EvidenceFormat format : EvidenceFormat.values()) {
                FakeQuotingEnclave fake =
                        FakeQuotingEnclave.of(format).clock(Fixtures.CLOCK).seed(1000 + run);
                EvidenceRequest request = Fixtures.request(format);
                fake.verifier().verify(fake.quote(request), fake.policy().expecting(request));
            }
            best = Math.min(best, System.nanoTime() - from);
        }
        assertThat(Duration.ofNanos(best))
                .as("all four formats with new keys, evidence and a verification each")
                .isLessThan(Duration.ofMillis(300));
    }

    @Test
    void manyThreadsGetTheSameBytes() throws Exception {
        EvidenceRequest request = Fixtures.request(EvidenceFormat.TDX);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Evidence>> answers = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                answers.add(threads.submit(() ->
                        FakeQuotingEnclave.tdx().seed(77).clock(Fixtures.CLOCK).quote(request)));
            }
            Set<Evidence> distinct = new HashSet<>();
            for (Future<Evidence> a : answers) {
                distinct.add(a.get(30, TimeUnit.SECONDS));
            }
            assertThat(distinct).hasSize(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void staysCurrentWhenTheClockMoves() throws Exception {
        for (EvidenceFormat format : EvidenceFormat.values()) {
            AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2024-12-31T23:59:59.999Z"));
            FakeQuotingEnclave fake = FakeQuotingEnclave.of(format).clock(now::get);
            EvidenceVerifier verifier = fake.verifier();
            for (int step = 0; step < 6; step++) {
                EvidenceRequest request = Fixtures.request(format);
                verifier.verify(fake.quote(request), fake.policy().expecting(request));
                now.updateAndGet(i -> i.plus(Duration.ofDays(40)).plusMillis(1));
            }
        }
    }
}
