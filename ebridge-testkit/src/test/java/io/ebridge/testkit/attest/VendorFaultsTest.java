package io.ebridge.testkit.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralSource;
import io.ebridge.attest.CollateralUnavailableException;
import io.ebridge.attest.CollateralUnavailableException.Reason;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.http.HttpCollateralSource;
import io.ebridge.testkit.attest.FaultyProxy.Fault;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One document of several cannot be had: the rejection says which, and what the service answered. */
@Timeout(60)
class VendorFaultsTest {

    private static final Fault[] STATUS = {
        Fault.NO_SUCH_DOCUMENT, Fault.TOO_MANY_REQUESTS, Fault.FORBIDDEN, Fault.NO_ANSWER, Fault.TOO_LONG
    };

    private static FakeQuotingEnclave tdx() {
        return Fixtures.at(FakeTdx.standard());
    }

    private static FakeQuotingEnclave snp() {
        return Fixtures.at(FakeSnp.standard());
    }

    static Stream<Arguments> faults() {
        List<Arguments> all = new ArrayList<>();
        for (Fault fault : STATUS) {
            all.add(Arguments.of("TDX", "/tcb", fault, RejectionReason.TCB_INFO_MISSING));
            all.add(Arguments.of("TDX", "/qe/identity", fault, RejectionReason.QE_IDENTITY_MISSING));
            all.add(Arguments.of("TDX", "/pckcrl", fault, RejectionReason.CRL_MISSING));
            all.add(Arguments.of("TDX", "/rootcacrl", fault, RejectionReason.CRL_MISSING));
            all.add(Arguments.of("SNP", "/cert_chain", fault, RejectionReason.SNP_ENDORSEMENT_MISSING));
            all.add(Arguments.of("SNP", "/crl", fault, RejectionReason.CRL_MISSING));
        }
        for (Fault fault : new Fault[] {Fault.NO_ISSUER_CHAIN, Fault.SPOILT_ISSUER_CHAIN}) {
            for (String document : new String[] {"/tcb", "/qe/identity", "/pckcrl"}) {
                all.add(Arguments.of("TDX", document, fault, RejectionReason.COLLATERAL_UNAVAILABLE));
            }
        }
        return all.stream();
    }

    private static EvidenceRejectedException rejection(FakeQuotingEnclave fake, HttpCollateralSource source) {
        EvidenceVerifier verifier = EvidenceVerifier.builder()
                .trustAnchors(fake.trustAnchors())
                .collateral(source)
                .clock(Fixtures.CLOCK)
                .build();
        return catchThrowableOfType(
                EvidenceRejectedException.class,
                () -> verifier.verify(fake.quote(Fixtures.request(fake.format())), fake.policy()));
    }

    private static HttpCollateralSource.Builder source(Fault fault) {
        // Where nobody answers, the wait is the test's own.
        Duration patience = fault == Fault.NO_ANSWER ? Duration.ofMillis(1500) : Duration.ofSeconds(10);
        return HttpCollateralSource.builder()
                .clock(Fixtures.CLOCK)
                .timeout(patience)
                .maxDocumentBytes(100_000)
                .requestTimeout(patience);
    }

    private static EvidenceRejectedException rejection(String format, String path, Fault fault, String otherChain)
            throws Exception {
        FakeQuotingEnclave fake = format.equals("TDX") ? tdx() : snp();
        try (FakeVendorServices services = FakeVendorServices.start(fake);
                FaultyProxy proxy = new FaultyProxy(
                        format.equals("TDX") ? services.pccs() : services.amd(), path, fault, otherChain);
                HttpCollateralSource source = source(fault)
                        .intelPccs(proxy.base())
                        .amdKds(proxy.base())
                        .build()) {
            return rejection(fake, source);
        }
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("faults")
    void theOperatorSeesWhatTheServiceAnswered(String format, String path, Fault fault, RejectionReason missing)
            throws Exception {
        EvidenceRejectedException e = rejection(format, path, fault, "");
        assertThat(e.reason())
                .isEqualTo(fault == Fault.NO_SUCH_DOCUMENT ? missing : RejectionReason.COLLATERAL_UNAVAILABLE);
        assertThat(e.getCause()).isInstanceOf(CollateralUnavailableException.class);
        Reason reason = ((CollateralUnavailableException) e.getCause()).reason();
        switch (fault) {
            case NO_SUCH_DOCUMENT -> {
                assertThat(reason).isEqualTo(Reason.NOT_FOUND);
                assertThat(e).hasMessageContaining("127.0.0.1 has no such document (status 404)");
            }
            case TOO_MANY_REQUESTS -> {
                assertThat(reason).isEqualTo(Reason.THROTTLED);
                assertThat(e).hasMessageContaining("127.0.0.1 asks to be left alone");
            }
            case FORBIDDEN -> {
                assertThat(reason).isEqualTo(Reason.REFUSED);
                assertThat(e).hasMessageContaining("127.0.0.1 refuses (status 403)");
            }
            case NO_ANSWER -> {
                assertThat(reason).isEqualTo(Reason.UNREACHABLE);
                assertThat(e).hasMessageContaining("answer in time");
            }
            case TOO_LONG -> {
                assertThat(reason).isEqualTo(Reason.BAD_ANSWER);
                assertThat(e).hasMessageContaining("longer than 100000 bytes");
            }
            case NO_ISSUER_CHAIN -> {
                assertThat(reason).isEqualTo(Reason.BAD_ANSWER);
                assertThat(e).hasMessageContaining("sent no issuer chain in ");
            }
            case SPOILT_ISSUER_CHAIN -> {
                assertThat(reason).isEqualTo(Reason.BAD_ANSWER);
                assertThat(e).hasMessageContaining("answered with something that is no ");
            }
            default -> throw new AssertionError(fault);
        }
    }

    @Test
    void aChainOfSomebodyElseIsTheVerifiersToJudge() throws Exception {
        String pckCrlChain = new String(
                tdx().collateral().pieces(Collateral.Kind.PCK_CRL_CHAIN).get(0).toByteArray(),
                StandardCharsets.US_ASCII);
        String header = URLEncoder.encode(pckCrlChain, StandardCharsets.US_ASCII);
        assertThat(rejection("TDX", "/tcb", Fault.OTHER_ISSUER_CHAIN, header).reason())
                .isEqualTo(RejectionReason.TCB_INFO_SIGNER);
        assertThat(rejection("TDX", "/qe/identity", Fault.OTHER_ISSUER_CHAIN, header)
                        .reason())
                .isEqualTo(RejectionReason.QE_IDENTITY_SIGNER);
    }

    @Test
    void whatTheEvidenceBringsIsNotMissed() throws Exception {
        CollateralSource down = request -> {
            throw new CollateralUnavailableException(Reason.UNREACHABLE, "the network is down", null);
        };
        for (FakeQuotingEnclave fake : new FakeQuotingEnclave[] {tdx(), snp()}) {
            EvidenceVerifier verifier = EvidenceVerifier.builder()
                    .trustAnchors(fake.trustAnchors())
                    .collateral(down)
                    .clock(Fixtures.CLOCK)
                    .build();
            assertThat(verifier.verify(
                                    fake.quote(Fixtures.request(fake.format())).withCollateral(fake.collateral()),
                                    fake.policy())
                            .authenticity()
                            .revocationChecked())
                    .isTrue();
        }
    }
}
