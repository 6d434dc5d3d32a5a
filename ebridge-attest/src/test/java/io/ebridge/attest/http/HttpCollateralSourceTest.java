package io.ebridge.attest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.CollateralRequest;
import io.ebridge.attest.CollateralRequest.Amd.SigningKey;
import io.ebridge.attest.CollateralRequest.Intel.PckCa;
import io.ebridge.attest.CollateralUnavailableException;
import io.ebridge.attest.CollateralUnavailableException.Reason;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.x509.X509;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The source against a local server that plays Intel's and AMD's services with real certificates. */
@Timeout(60)
class HttpCollateralSourceTest {

    private static final Bytes FMSPC = Bytes.ofHex("00806f050000");
    private static final String SGX = "/sgx/certification/v4";
    private static final String TDX = "/tdx/certification/v4";
    private static final String NEXT = "2030-01-01T00:00:00Z";
    private static final Instant START = Instant.parse("2026-03-07T00:00:00Z");

    private PlayedService service;
    private volatile Instant now = START;
    private final InstantSource clock = () -> now;

    @BeforeEach
    void start() throws Exception {
        service = new PlayedService();
    }

    @AfterEach
    void stop() throws Exception {
        service.close();
    }

    private static byte[] vector(String name) throws Exception {
        Path root = Path.of(System.getProperty("ebridge.vectors", "../shared/vectors"));
        assumeTrue(Files.isDirectory(root.resolve("snp")), "no vectors under " + root.toAbsolutePath());
        return Files.readAllBytes(root.resolve("snp").resolve(name));
    }

    private HttpCollateralSource.Builder builder() {
        return HttpCollateralSource.builder()
                .intelPccs(service.base())
                .amdKds(service.base())
                .clock(clock)
                .timeout(Duration.ofSeconds(5))
                .requestTimeout(Duration.ofSeconds(2))
                .failureMemory(Duration.ofMillis(1));
    }

    private static CollateralRequest.Amd turin() throws Exception {
        byte[] report = vector("microsoft_TEE-Attestation-Verification/turin_attestation_report.bin");
        return new CollateralRequest.Amd(
                "Turin", SigningKey.VCEK, Bytes.of(report, 0x1A0, 64), Bytes.of(report, 0x180, 8));
    }

    private static final String TURIN_VCEK =
            "/vcek/v1/Turin/59790fb1c39f35c1?fmcSPL=01&blSPL=01&teeSPL=01&snpSPL=04&ucodeSPL=81";
    private static final String TURIN_CHAIN = "/vcek/v1/Turin/cert_chain";
    private static final String TURIN_CRL = "/vcek/v1/Turin/crl";

    private void playTurin() throws Exception {
        service.on(
                TURIN_VCEK,
                X509.certificateBlocks(vector("microsoft_TEE-Attestation-Verification/turin_vcek.pem"))
                        .get(0));
        service.on(TURIN_CHAIN, vector("google_go-sev-guest/ask_ark_turin_vcek.pem"));
    }

    private static Reason reason(HttpCollateralSource source, CollateralRequest request) {
        return catchThrowableOfType(CollateralUnavailableException.class, () -> source.find(request))
                .reason();
    }

    @Test
    void aTurinReportIsVerifiedWithWhatTheServiceHas() throws Exception {
        playTurin();
        try (HttpCollateralSource source = builder().build()) {
            EvidenceVerifier verifier =
                    EvidenceVerifier.builder().collateral(source).clock(clock).build();
            Evidence evidence = Evidence.of(
                    EvidenceFormat.SNP, vector("microsoft_TEE-Attestation-Verification/turin_attestation_report.bin"));
            assertThat(verifier.insecureWithoutAppraisal(
                                    evidence, Strictness.full().insecureWithoutRevocation())
                            .authenticity()
                            .revocationChecked())
                    .isFalse();
            assertThat(service.asked).containsExactlyInAnyOrder(TURIN_VCEK, TURIN_CHAIN, TURIN_CRL);
        }
    }

    @Test
    void aMilanReportOfVersion2IsAskedForInTheLinesThatItMayBeFrom() throws Exception {
        byte[] report = vector("virtee_sev/report_milan.bin");
        String id = HexFormat.of().formatHex(report, 0x1A0, 0x1E0);
        String query = "?blSPL=03&teeSPL=00&snpSPL=08&ucodeSPL=115";
        service.on("/vcek/v1/Genoa/" + id + query, vector("virtee_sev/vcek_milan.der"));
        service.on("/vcek/v1/Milan/cert_chain", vector("google_go-sev-guest/ask_ark_milan.pem"));
        try (HttpCollateralSource source = builder().build()) {
            Collateral found = source.find(new CollateralRequest.Amd(
                    "", SigningKey.VCEK, Bytes.of(report, 0x1A0, 64), Bytes.of(report, 0x180, 8)));
            assertThat(found.kinds()).containsExactlyInAnyOrder(Kind.VCEK, Kind.ASK, Kind.ARK);
            assertThat(service.asked).contains("/vcek/v1/Milan/" + id + query, "/vcek/v1/Genoa/" + id + query);
        }
    }

    @Test
    void ofALoadedKeyOnlyTheIssuersAreAskedFor() throws Exception {
        service.on("/vlek/v1/Milan/cert_chain", vector("google_go-sev-guest/ask_ark_milan_vlek.pem"));
        try (HttpCollateralSource source = builder().build()) {
            Collateral found = source.find(
                    new CollateralRequest.Amd("Milan", SigningKey.VLEK, Bytes.of(new byte[64]), Bytes.of(new byte[8])));
            assertThat(found.kinds()).containsExactlyInAnyOrder(Kind.ASVK, Kind.ARK);
            assertThat(service.asked).containsExactlyInAnyOrder("/vlek/v1/Milan/cert_chain", "/vlek/v1/Milan/crl");
        }
    }

    private static String chainHeader() throws Exception {
        // What is a chain to the source need not be Intel's.
        String pem = new String(vector("google_go-sev-guest/ask_ark_milan.pem"), StandardCharsets.US_ASCII);
        return URLEncoder.encode(pem, StandardCharsets.US_ASCII);
    }

    private void playIntel(String base, PckCa ca) throws Exception {
        byte[] crl = TestCrl.der(Instant.parse(NEXT));
        service.on(
                base + "/tcb?fmspc=" + FMSPC,
                ("{\"tcbInfo\":{\"id\":\"X\",\"nextUpdate\":\"" + NEXT + "\"},\"signature\":\"00\"}").getBytes(),
                "TCB-Info-Issuer-Chain",
                chainHeader());
        service.on(
                base + "/qe/identity",
                ("{\"enclaveIdentity\":{\"id\":\"X\",\"nextUpdate\" : \"" + NEXT + "\"}}").getBytes(),
                "SGX-Enclave-Identity-Issuer-Chain",
                chainHeader().replace("+", "%20"));
        service.on(
                SGX + "/pckcrl?ca=" + ca.name().toLowerCase(java.util.Locale.ROOT) + "&encoding=der",
                crl,
                "SGX-PCK-CRL-Issuer-Chain",
                chainHeader());
        service.on(SGX + "/rootcacrl", HexFormat.of().formatHex(crl).getBytes());
    }

    @Test
    void intelsDocumentsComeWithTheirChains() throws Exception {
        for (EvidenceFormat format : new EvidenceFormat[] {EvidenceFormat.SGX, EvidenceFormat.TDX}) {
            String base = format == EvidenceFormat.TDX ? TDX : SGX;
            playIntel(base, PckCa.PLATFORM);
            try (HttpCollateralSource source = builder().header("X-Test", "yes").build()) {
                service.asked.clear();
                Collateral found = source.find(new CollateralRequest.Intel(format, FMSPC, PckCa.PLATFORM));
                assertThat(found.kinds())
                        .containsExactlyInAnyOrder(
                                Kind.TCB_INFO,
                                Kind.TCB_INFO_CHAIN,
                                Kind.QE_IDENTITY,
                                Kind.QE_IDENTITY_CHAIN,
                                Kind.PCK_CRL,
                                Kind.PCK_CRL_CHAIN,
                                Kind.ROOT_CA_CRL);
                assertThat(service.asked)
                        .containsExactlyInAnyOrder(
                                base + "/tcb?fmspc=00806f050000",
                                base + "/qe/identity",
                                SGX + "/pckcrl?ca=platform&encoding=der",
                                SGX + "/rootcacrl");
                for (Kind chain : new Kind[] {Kind.TCB_INFO_CHAIN, Kind.QE_IDENTITY_CHAIN, Kind.PCK_CRL_CHAIN}) {
                    assertThat(X509.certificates(found.pieces(chain).get(0).toByteArray()))
                            .hasSize(2);
                }
                assertThat(found.pieces(Kind.ROOT_CA_CRL)).isEqualTo(found.pieces(Kind.PCK_CRL));
            }
        }
        assertThat(service.headers).contains("yes");
    }

    @Test
    void earlyUpdatesAndEvaluationNumbersAreAskedForByName() throws Exception {
        CollateralRequest request = new CollateralRequest.Intel(EvidenceFormat.TDX, FMSPC, PckCa.PROCESSOR);
        try (HttpCollateralSource source = builder().earlyTcbUpdate().build()) {
            source.find(request);
        }
        try (HttpCollateralSource source = builder().tcbEvaluationDataNumber(19).build()) {
            source.find(request);
        }
        assertThat(service.asked)
                .contains(
                        TDX + "/tcb?fmspc=00806f050000&update=early",
                        TDX + "/qe/identity?update=early",
                        TDX + "/tcb?fmspc=00806f050000&tcbEvaluationDataNumber=19",
                        TDX + "/qe/identity?tcbEvaluationDataNumber=19");
    }

    @Test
    void whatTheServiceDoesNotHaveIsNotAnError() throws Exception {
        try (HttpCollateralSource source = builder().build()) {
            assertThat(source.find(turin()).isEmpty()).isTrue();
            assertThat(source.find(new CollateralRequest.Nitro()).isEmpty()).isTrue();
        }
    }

    @Test
    void aSecondRequestIsAnsweredFromMemory() throws Exception {
        playTurin();
        service.on(TURIN_CRL, TestCrl.der(Instant.parse(NEXT)));
        try (HttpCollateralSource source = builder().build()) {
            Collateral first = source.find(turin());
            assertThat(source.find(turin())).isEqualTo(first);
            assertThat(service.asked).hasSize(3);
        }
    }

    @Test
    void concurrentMissesMakeOneRequest() throws Exception {
        playTurin();
        CountDownLatch release = new CountDownLatch(1);
        byte[] vcek = X509.certificateBlocks(vector("microsoft_TEE-Attestation-Verification/turin_vcek.pem"))
                .get(0);
        service.on(TURIN_CRL, TestCrl.der(Instant.parse(NEXT)));
        service.on(TURIN_VCEK, exchange -> {
            try {
                release.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            PlayedService.send(exchange, 200, vcek);
        });
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try (HttpCollateralSource source = builder()
                .timeout(Duration.ofSeconds(20))
                .requestTimeout(Duration.ofSeconds(20))
                .build()) {
            CountDownLatch under = new CountDownLatch(16);
            List<Future<Collateral>> all = new ArrayList<>();
            Callable<Collateral> task = () -> {
                under.countDown();
                return source.find(turin());
            };
            for (int i = 0; i < 16; i++) {
                all.add(threads.submit(task));
            }
            assertThat(under.await(10, TimeUnit.SECONDS)).isTrue();
            release.countDown();
            for (Future<Collateral> one : all) {
                assertThat(one.get(20, TimeUnit.SECONDS).kinds())
                        .containsExactlyInAnyOrder(Kind.VCEK, Kind.ASK, Kind.ARK, Kind.AMD_CRL);
            }
            assertThat(service.asked).hasSize(3);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anInterruptedCallerDoesNotSpoilTheOthersRequest() throws Exception {
        playTurin();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        byte[] chain = vector("google_go-sev-guest/ask_ark_turin_vcek.pem");
        service.on(TURIN_CHAIN, exchange -> {
            asked.countDown();
            try {
                release.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            PlayedService.send(exchange, 200, chain);
        });
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (HttpCollateralSource source = builder()
                .timeout(Duration.ofSeconds(20))
                .requestTimeout(Duration.ofSeconds(20))
                .build()) {
            Future<Reason> interrupted = threads.submit(() -> reason(source, turin()));
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            Future<Collateral> patient = threads.submit(() -> source.find(turin()));
            interrupted.cancel(true);
            release.countDown();
            assertThat(patient.get(20, TimeUnit.SECONDS).kinds()).contains(Kind.ASK);
            assertThat(service.count(TURIN_CHAIN)).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aWaitThatTheServiceAsksForIsKept() throws Exception {
        playTurin();
        AtomicInteger attempts = new AtomicInteger();
        List<Long> times = new java.util.concurrent.CopyOnWriteArrayList<>();
        byte[] chain = vector("google_go-sev-guest/ask_ark_turin_vcek.pem");
        service.on(TURIN_CHAIN, exchange -> {
            times.add(System.nanoTime());
            if (attempts.getAndIncrement() == 0) {
                exchange.getResponseHeaders().set("Retry-After", "1");
                PlayedService.send(exchange, 429, new byte[0]);
            } else {
                PlayedService.send(exchange, 200, chain);
            }
        });
        try (HttpCollateralSource source = builder().build()) {
            assertThat(source.find(turin()).kinds()).contains(Kind.ASK);
            assertThat(times).hasSize(2);
            assertThat(Duration.ofNanos(times.get(1) - times.get(0))).isGreaterThanOrEqualTo(Duration.ofMillis(990));
        }
    }

    @Test
    void aWaitBeyondTheDeadlineIsNotBegun() throws Exception {
        for (String value : new String[] {"3600", "Fri, 01 Jan 2027 00:00:00 GMT"}) {
            service.on(SGX + "/tcb?fmspc=" + FMSPC, throttled(value));
            service.on(SGX + "/qe/identity", throttled(value));
            service.on(SGX + "/pckcrl?ca=platform&encoding=der", throttled(value));
            service.on(SGX + "/rootcacrl", throttled(value));
            try (HttpCollateralSource source = builder().build()) {
                long start = System.nanoTime();
                assertThat(reason(source, new CollateralRequest.Intel(EvidenceFormat.SGX, FMSPC, PckCa.PLATFORM)))
                        .isEqualTo(Reason.THROTTLED);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
            }
        }
    }

    private static PlayedService.Answer throttled(String retryAfter) {
        return exchange -> {
            exchange.getResponseHeaders().set("Retry-After", retryAfter);
            PlayedService.send(exchange, 429, new byte[0]);
        };
    }

    @Test
    void aPassingFaultIsRetried() throws Exception {
        playTurin();
        AtomicInteger attempts = new AtomicInteger();
        byte[] chain = vector("google_go-sev-guest/ask_ark_turin_vcek.pem");
        service.on(
                TURIN_CHAIN,
                exchange -> PlayedService.send(
                        exchange,
                        attempts.getAndIncrement() == 0 ? 502 : 200,
                        attempts.get() == 1 ? new byte[0] : chain));
        try (HttpCollateralSource source = builder().build()) {
            assertThat(source.find(turin()).kinds()).contains(Kind.ASK);
            assertThat(service.count(TURIN_CHAIN)).isEqualTo(2);
        }
    }

    @Test
    void anOldDocumentIsHandedOutWhileItIsValidAndRenewedBehindTheCallersBack() throws Exception {
        playTurin();
        service.on(TURIN_CRL, TestCrl.der(Instant.parse("2026-04-01T00:00:00Z")));
        try (HttpCollateralSource source =
                builder().refreshAfter(Duration.ofHours(1)).build()) {
            Collateral first = source.find(turin());
            // The service breaks: what was fetched goes on serving until it ends.
            service.on(TURIN_CRL, exchange -> PlayedService.send(exchange, 403, new byte[0]));
            now = START.plus(Duration.ofDays(10));
            long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            // What came within the last millisecond is not asked for again, so the first call may not do it.
            while (service.count(TURIN_CRL) < 2) {
                assertThat(source.find(turin())).isEqualTo(first);
                assertThat(System.nanoTime()).isLessThan(patience);
            }
            now = START.plus(Duration.ofDays(20));
            assertThat(source.find(turin())).isEqualTo(first);
            // It recovers: one call gets the old list and starts the renewal, and soon calls get the new one.
            byte[] renewed = TestCrl.der(Instant.parse("2026-05-01T00:00:00Z"));
            service.on(TURIN_CRL, renewed);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!source.find(turin()).pieces(Kind.AMD_CRL).equals(List.of(Bytes.of(renewed)))) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void anEndedDocumentIsNotHandedOutInPlaceOfAFailure() throws Exception {
        playTurin();
        service.on(TURIN_CRL, TestCrl.der(Instant.parse("2026-04-01T00:00:00Z")));
        try (HttpCollateralSource source = builder().build()) {
            assertThat(source.find(turin()).kinds()).contains(Kind.AMD_CRL);
            service.on(TURIN_CRL, exchange -> PlayedService.send(exchange, 403, new byte[0]));
            now = Instant.parse("2026-04-01T00:00:01Z");
            assertThat(source.find(turin()).kinds())
                    .doesNotContain(Kind.AMD_CRL)
                    .contains(Kind.VCEK);
        }
    }

    @Test
    void aFailureIsRememberedForAMoment() throws Exception {
        try (HttpCollateralSource source =
                builder().failureMemory(Duration.ofMinutes(1)).build()) {
            assertThat(source.find(turin()).isEmpty()).isTrue();
            assertThat(source.find(turin()).isEmpty()).isTrue();
            assertThat(service.asked).hasSize(3);
        }
    }

    @Test
    void anAnswerThatIsTooLongIsCutOff() throws Exception {
        byte[] large = new byte[200_000];
        PlayedService.Answer announced = exchange -> PlayedService.send(exchange, 200, large);
        PlayedService.Answer chunked = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(large);
        };
        for (PlayedService.Answer answer : List.of(announced, chunked)) {
            playEverything(answer);
            try (HttpCollateralSource source =
                    builder().maxDocumentBytes(100_000).build()) {
                CollateralUnavailableException e =
                        catchThrowableOfType(CollateralUnavailableException.class, () -> source.find(turin()));
                assertThat(e.reason()).isEqualTo(Reason.BAD_ANSWER);
                assertThat(e).hasMessageContaining("longer than 100000 bytes");
            }
        }
    }

    private void playEverything(PlayedService.Answer answer) {
        service.on(TURIN_VCEK, answer);
        service.on(TURIN_CHAIN, answer);
        service.on(TURIN_CRL, answer);
    }

    @Test
    void anAnswerThatIsSomethingElseIsNotKept() throws Exception {
        playEverything(exchange -> PlayedService.send(exchange, 200, "<html>maintenance</html>".getBytes()));
        try (HttpCollateralSource source = builder().build()) {
            assertThat(reason(source, turin())).isEqualTo(Reason.BAD_ANSWER);
            playTurin();
            assertThat(source.find(turin()).kinds()).contains(Kind.VCEK, Kind.ASK);
        }
    }

    @Test
    void aRefusalIsFinal() throws Exception {
        playEverything(exchange -> PlayedService.send(exchange, 401, new byte[0]));
        try (HttpCollateralSource source = builder().build()) {
            assertThat(reason(source, turin())).isEqualTo(Reason.REFUSED);
            assertThat(service.asked).hasSize(3);
        }
    }

    @Test
    void aRedirectionIsNotFollowed() throws Exception {
        playEverything(exchange -> {
            exchange.getResponseHeaders().set("Location", service.base() + "/elsewhere");
            PlayedService.send(exchange, 302, new byte[0]);
        });
        try (HttpCollateralSource source = builder().build()) {
            assertThat(reason(source, turin())).isEqualTo(Reason.REFUSED);
            assertThat(service.asked).doesNotContain("/elsewhere");
        }
    }

    @Test
    void aServiceThatTricklesOrHangsCostsTheDeadlineAtMost() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        playEverything(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(0x30);
            exchange.getResponseBody().flush();
            try {
                end.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try (HttpCollateralSource source = builder()
                .timeout(Duration.ofSeconds(2))
                .requestTimeout(Duration.ofMillis(500))
                .build()) {
            long start = System.nanoTime();
            assertThat(reason(source, turin())).isEqualTo(Reason.UNREACHABLE);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
        } finally {
            end.countDown();
        }
    }

    @Test
    void aServiceThatIsNotThere() throws Exception {
        URI gone = service.base();
        service.close();
        try (HttpCollateralSource source = HttpCollateralSource.builder()
                .amdKds(gone)
                .timeout(Duration.ofSeconds(1))
                .build()) {
            assertThat(reason(source, turin())).isEqualTo(Reason.UNREACHABLE);
        }
    }

    @Test
    void memoryIsBounded() throws Exception {
        playTurin();
        service.on(TURIN_CRL, TestCrl.der(Instant.parse(NEXT)));
        try (HttpCollateralSource source = builder().maxDocuments(2).build()) {
            source.find(turin());
            source.find(turin());
            assertThat(service.asked.size()).isGreaterThan(3);
        }
    }

    @Test
    void aClosedSourceAnswersNobody() throws Exception {
        HttpCollateralSource source = builder().build();
        source.close();
        source.close();
        assertThat(reason(source, turin())).isEqualTo(Reason.UNREACHABLE);
        assertThat(service.asked).isEmpty();
    }

    @Test
    void settingsAreChecked() {
        HttpCollateralSource.Builder builder = HttpCollateralSource.builder();
        assertThatIllegalArgumentException().isThrownBy(() -> builder.amdKds(URI.create("file:///tmp")));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.intelPccs(URI.create("/relative")));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.timeout(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxDocuments(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxDocumentBytes(2 << 20));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.tcbEvaluationDataNumber(0));
    }
}
