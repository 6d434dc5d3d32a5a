package io.ebridge.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.nitro.NitroResult;
import io.ebridge.attest.nitro.PcrSet;
import io.ebridge.attest.vectors.Vectors;
import java.security.Provider;
import java.security.Security;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One verifier for many threads, with any provider, and the examples of the documentation. */
class EvidenceVerifierTest {

    private static final Instant MADE = Instant.parse("2022-11-09T22:52:00.696Z");
    private static final String DOCUMENT =
            "nitro/veracruz-project_go-nitro-enclave-attestation-document/aws_nitro_document.cbor";
    private static final String BAD =
            "nitro/veracruz-project_go-nitro-enclave-attestation-document/aws_nitro_document_bad_sig.cbor";

    private static Evidence nitro(String path) {
        return Evidence.of(EvidenceFormat.NITRO, Vectors.read(path));
    }

    static Stream<Provider> providers() {
        return Stream.of(Security.getProvider("SunEC"), Security.getProvider("SunRsaSign"), new BouncyCastleProvider());
    }

    @ParameterizedTest
    @MethodSource("providers")
    void anyProviderGivesTheSameVerdicts(Provider provider) throws EvidenceRejectedException {
        EvidenceVerifier verifier = EvidenceVerifier.builder()
                .signatureProvider(provider)
                .clock(InstantSource.fixed(MADE))
                .build();
        assertThat(verifier.cryptography()).isNotBlank();
        verifier.insecureWithoutAppraisal(nitro(DOCUMENT), Strictness.full());
        assertThatThrownBy(() -> verifier.insecureWithoutAppraisal(nitro(BAD), Strictness.full()))
                .isInstanceOfSatisfying(EvidenceRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectionReason.NITRO_SIGNATURE));
        Evidence report = Evidence.of(
                        EvidenceFormat.SNP, Vectors.read("snp/confidential-containers_trustee/test-report.bin"))
                .withCollateral(Collateral.ofContents(List.of(
                        Vectors.read("snp/confidential-containers_trustee/test-vcek.der"),
                        Vectors.read("snp/google_go-sev-guest/ask_ark_milan.pem"))));
        EvidenceVerifier amd = EvidenceVerifier.builder()
                .signatureProvider(provider)
                .clock(InstantSource.fixed(Instant.parse("2023-02-23T17:58:26Z")))
                .build();
        assertThat(amd.insecureWithoutAppraisal(report, Strictness.full().insecureWithoutRevocation())
                        .format())
                .isEqualTo(EvidenceFormat.SNP);
    }

    @Test
    void threadsShareAVerifierWithASmallMemory() throws Exception {
        EvidenceVerifier verifier = EvidenceVerifier.builder()
                .clock(InstantSource.fixed(MADE))
                .cacheEntries(2)
                .build();
        Evidence good = nitro(DOCUMENT);
        Evidence bad = nitro(BAD);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Integer>> tasks = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                tasks.add(() -> {
                    int verdicts = 0;
                    for (int round = 0; round < 10; round++) {
                        verifier.insecureWithoutAppraisal(good, Strictness.full());
                        try {
                            verifier.insecureWithoutAppraisal(bad, Strictness.full());
                            throw new AssertionError("accepted");
                        } catch (EvidenceRejectedException e) {
                            assertThat(e.reason()).isEqualTo(RejectionReason.NITRO_SIGNATURE);
                        }
                        verdicts += 2;
                    }
                    return verdicts;
                });
            }
            for (Future<Integer> verdicts : threads.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
                assertThat(verdicts.get()).isEqualTo(20);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void withoutMemoryEveryVerificationStandsAlone() throws EvidenceRejectedException {
        EvidenceVerifier verifier = EvidenceVerifier.builder()
                .clock(InstantSource.fixed(MADE))
                .cacheEntries(0)
                .build();
        for (int i = 0; i < 3; i++) {
            assertThat(verifier.insecureWithoutAppraisal(nitro(DOCUMENT), Strictness.full())
                            .appraisal()
                            .made())
                    .isFalse();
        }
        assertThatThrownBy(() -> EvidenceVerifier.builder().cacheEntries(-1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** The example on the module's page. */
    @Test
    void theModulesExampleWorks() throws EvidenceRejectedException {
        String pcr0 =
                "22f9e1c949208da55eb01b9b9fc88f87454f77ba133f0d82320b509621c92482152a99d0a12335b97178c02d6f977d01";
        String pcr1 =
                "bcdf05fefccaa8e55bf2c8d6dee9e79bbff31e34bf28a99aa19e6b29c37ee80b214a414b7607236edf26fcb78654e63f";
        String pcr2 =
                "00943ea859140fed74e1025fe41aedb38780eae5656b3f9ef9b4b0e6111350315544db3efcda05725108f72b2ab141f7";
        byte[] document = Vectors.read(DOCUMENT);
        byte[] nonce = Bytes.ofHex("c678c86135de539d183acff58886d98dfb9823041af9f934bf909ac0f8d96245")
                .toByteArray();

        NitroPolicy policy = NitroPolicy.builder()
                .allow(PcrSet.ofHex(pcr0, pcr1, pcr2))
                .maxAge(Duration.ofMinutes(5))
                .build();
        EvidenceVerifier verifier =
                EvidenceVerifier.builder().clock(InstantSource.fixed(MADE)).build();
        NitroResult result = verifier.verify(Evidence.of(EvidenceFormat.NITRO, document), policy.withNonce(nonce));

        assertThat(result.document().moduleId()).startsWith("i-");
    }
}
