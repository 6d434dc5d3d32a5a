package io.ebridge.testkit.attest;

import static io.ebridge.testkit.assertions.AttestationAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.http.HttpCollateralSource;
import io.ebridge.attest.snp.SnpProduct;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The suite's HTTP source finds everything at the fake services that a verifier needs. */
class FakeVendorServicesTest {
    private final FakeQuotingEnclave sgx = Fixtures.at(FakeSgx.standard().processorCa());
    private final FakeQuotingEnclave tdx = Fixtures.at(FakeTdx.standard());
    private final FakeQuotingEnclave milan = Fixtures.at(FakeSnp.standard());
    private final FakeQuotingEnclave milanV2 = Fixtures.at(FakeSnp.standard().reportVersion(2));
    private final FakeQuotingEnclave turin =
            Fixtures.at(FakeSnp.standard().product(SnpProduct.TURIN).machine("turin"));

    private static EvidenceVerifier verifier(FakeQuotingEnclave fake, HttpCollateralSource source) {
        return EvidenceVerifier.builder()
                .trustAnchors(fake.trustAnchors())
                .collateral(source)
                .clock(Fixtures.CLOCK)
                .build();
    }

    private static HttpCollateralSource.Builder source() {
        return HttpCollateralSource.builder()
                .clock(Fixtures.CLOCK)
                .timeout(Duration.ofSeconds(10))
                .requestTimeout(Duration.ofSeconds(5));
    }

    @Test
    void verifiesThroughTheServices() throws Exception {
        try (FakeVendorServices services = FakeVendorServices.start(sgx, tdx, milan, turin);
                HttpCollateralSource source = source().intelPcs(services.intel(), services.intelRootCrl())
                        .amdKds(services.amd())
                        .build()) {
            for (FakeQuotingEnclave fake : new FakeQuotingEnclave[] {sgx, tdx, milan, milanV2, turin}) {
                EvidenceRequest request = Fixtures.request(fake.format());
                assertThat(fake.quote(request))
                        .isAcceptedBy(verifier(fake, source), Fixtures.expecting(fake, request))
                        .isComplete();
            }
            assertThat(services.requests()).anyMatch(r -> r.startsWith("/intel/tdx/certification/v4/tcb?fmspc="));
        }
    }

    @Test
    void verifiesThroughACache() throws Exception {
        try (FakeVendorServices services = FakeVendorServices.start(sgx, tdx);
                HttpCollateralSource source =
                        source().intelPccs(services.pccs()).build()) {
            for (FakeQuotingEnclave fake : new FakeQuotingEnclave[] {sgx, tdx}) {
                EvidenceRequest request = Fixtures.request(fake.format());
                assertThat(fake.quote(request))
                        .isAcceptedBy(verifier(fake, source), Fixtures.expecting(fake, request))
                        .isComplete();
            }
        }
    }

    @Test
    void waitsAsLongAsItIsTold() throws Exception {
        try (FakeVendorServices services = FakeVendorServices.start(milan);
                HttpCollateralSource source = source().amdKds(services.amd()).build()) {
            services.failNext(1, 429, 1);
            EvidenceRequest request = Fixtures.request(milan.format());
            assertThat(milan.quote(request)).isAcceptedBy(verifier(milan, source), Fixtures.expecting(milan, request));
        }
    }

    @Test
    void servesDefects() throws Exception {
        FakeQuotingEnclave revoked = milan.with(Defect.ASK_REVOKED);
        try (FakeVendorServices services = FakeVendorServices.start(revoked);
                HttpCollateralSource source = source().amdKds(services.amd()).build()) {
            assertThat(milan.quote(Fixtures.request(milan.format())))
                    .isRejectedBy(verifier(milan, source), milan.policy(), RejectionReason.CERTIFICATE_REVOKED);
        }
    }

    @Test
    void saysNoAsTheVendorsDo() throws Exception {
        try (FakeVendorServices services = FakeVendorServices.start(sgx, milan)) {
            assertThat(get(services.intel(), "/sgx/certification/v4/tcb?fmspc=zz"))
                    .isEqualTo(400);
            assertThat(get(services.intel(), "/sgx/certification/v4/tcb?fmspc=000000000000"))
                    .isEqualTo(404);
            assertThat(get(services.intel(), "/tdx/certification/v4/qe/identity"))
                    .isEqualTo(404);
            assertThat(get(services.intel(), "/sgx/certification/v4/pckcrl?ca=other"))
                    .isEqualTo(400);
            assertThat(get(services.amd(), "/vcek/v1/Genoa/cert_chain")).isEqualTo(404);
            assertThat(get(services.amd(), "/vcek/v1/Milan/cert_chain")).isEqualTo(200);
            assertThat(get(services.amd(), "/vcek/v1/Milan/00ff")).isEqualTo(400);
            services.failNext(1, 503, -1);
            assertThat(get(services.amd(), "/vcek/v1/Milan/crl")).isEqualTo(503);
            services.close();
        }
    }

    private static int get(URI base, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(base + path))
                                .timeout(Duration.ofSeconds(5))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
