package io.ebridge.attest.internal.dcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.intel.TcbAssessment;
import io.ebridge.attest.intel.TcbPolicy;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxReference;
import io.ebridge.attest.sgx.SgxResult;
import io.ebridge.attest.tdx.TdAttribute;
import io.ebridge.attest.tdx.TdxPolicy;
import io.ebridge.attest.tdx.TdxReference;
import io.ebridge.attest.tdx.TdxResult;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Real evidence on which published verifiers come to other verdicts, each case by name, and what a policy then makes of it. */
class PeersDifferTest {

    @Test
    void tdxComponentsAreComparedFromIndexTwoOnceTheModuleHasAVersion() throws Exception {
        // Comparing all 16 components calls this platform out of date.
        assertThat(tdx("tdx-zkdcap-quote-v4-tcb20250213").status()).isEqualTo(TcbStatus.UP_TO_DATE);
        // And this one not supported at all.
        assertThat(tdx("tdx-trustee-td-quote-tcb20250213").status()).isEqualTo(TcbStatus.OUT_OF_DATE);
        TdxResult result = verifyTdx("tdx-zkdcap-quote-v4-tcb20250213");
        assertThat(result.report().teeTcbSvn().at(1)).isPositive();
    }

    @Test
    void aCurrentTdxModuleDoesNotHideAPlatformThatIsOutOfDate() throws Exception {
        TcbAssessment tcb = tdx("tdx-dcap-rs-quote-tdx-00806f050000-tcb20250213");
        assertThat(tcb.module().orElseThrow().status()).isEqualTo(TcbStatus.UP_TO_DATE);
        assertThat(tcb.platform().status()).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(tcb.status()).isEqualTo(TcbStatus.OUT_OF_DATE);
        assertThat(tcb.shortfalls()).isNotEmpty().allSatisfy(shortfall -> assertThat(shortfall.actual())
                .isLessThan(shortfall.required()));
        assertThat(tcb.explain()).contains("OutOfDate").contains("needs").contains("INTEL-SA-");
    }

    @Test
    void aPlatformBelowEveryLevelIsNotSupportedWhichIsNotOutOfDate() throws Exception {
        TcbAssessment tcb = tdx("tdx-dcap-qvl-quote-from-tappd-tcb20250619");
        assertThat(tcb.status()).isEqualTo(TcbStatus.NOT_SUPPORTED);
        assertThat(tcb.platform().tcbDate()).isEmpty();
        assertThat(tcb.shortfalls()).isNotEmpty();
    }

    @Test
    void intelsRootIsPinnedByNameAndKeySoThatItsOlderCertificateCounts() throws Exception {
        DcapCases.Case c = DcapCases.named("sgx-fortanix-quote-signature");
        SgxResult result = (SgxResult) c.verifier().insecureWithoutAppraisal(c.full(), c.strictness());
        assertThat(result.authenticity().anchor().subject().getName()).contains("Intel SGX Root CA");
        DcapCases.Case other = DcapCases.named("sgx-intel-qvl-synthetic-production-anchor");
        assertThat(rejection(other, other.full(), other.strictness())).isEqualTo(RejectionReason.UNKNOWN_ROOT);
    }

    @Test
    void zeroBytesMayFollowAQuoteUnlessThePolicySaysNone() throws Exception {
        DcapCases.Case c = DcapCases.named("tdx-dcap-qvl-tdx-quote-tcb20250619");
        TdxResult result = verifyTdx(c.id());
        assertThat(result.quote().trailingBytes()).isEqualTo(70);
        assertThat(rejection(c, c.full(), Strictness.full().rejectTrailingZeros()))
                .isEqualTo(RejectionReason.TRAILING_DATA);
        byte[] padded = c.evidence();
        padded[padded.length - 1] = 1;
        Evidence tail = Evidence.of(c.format(), padded).withCollateral(c.collateral());
        assertThat(rejection(c, tail, Strictness.full())).isEqualTo(RejectionReason.TRAILING_DATA);
        byte[] exact = Arrays.copyOf(padded, padded.length - 70);
        Evidence none = Evidence.of(c.format(), exact).withCollateral(c.collateral());
        c.verifier().insecureWithoutAppraisal(none, Strictness.full().rejectTrailingZeros());
    }

    @Test
    void jsonSignaturesCoverTheReceivedBytes() throws Exception {
        DcapCases.Case c = DcapCases.named("sgx-dcap-qvl-sgx-quote-reserialised-tcb");
        assertThat(rejection(c, c.full(), c.strictness())).isEqualTo(RejectionReason.TCB_INFO_SIGNATURE);
    }

    @Test
    void collateralHasTwoEndsInTime() throws Exception {
        for (String twin : new String[] {"-early", "-expired"}) {
            DcapCases.Case c = DcapCases.named("sgx-dcap-qvl-sgx-quote-tcb20250619" + twin);
            assertThat(rejection(c, c.full(), c.strictness()).name())
                    .endsWith(twin.equals("-early") ? "_NOT_YET_VALID" : "_EXPIRED");
        }
    }

    @Test
    void theDefaultPolicyTakesUpToDateOnlyAndNamedAdvisoriesTakeMore() throws Exception {
        DcapCases.Case c = DcapCases.named("sgx-automata-godcap-sample-0-sgx-tcb20250815");
        SgxReference reference =
                SgxReference.code(Bytes.ofHex("3e7830a35057b9938d0fd849d13e3d82dc4abba812f8ffebbbb3d0e5ff1dd661"));
        assertThat(rejection(c, SgxPolicy.builder().allow(reference).build()))
                .isEqualTo(RejectionReason.TCB_SW_HARDENING_NEEDED);
        TcbPolicy.Builder tcb = TcbPolicy.builder().accept(TcbStatus.SW_HARDENING_NEEDED);
        assertThat(rejection(
                        c, SgxPolicy.builder().allow(reference).tcb(tcb.build()).build()))
                .isEqualTo(RejectionReason.TCB_ADVISORY);
        tcb.acceptAdvisories("INTEL-SA-00615");
        SgxPolicy accepting =
                SgxPolicy.builder().allow(reference).tcb(tcb.build()).build();
        SgxResult result = c.verifier().verify(c.full(), accepting);
        assertThat(result.appraisal().made()).isTrue();
        assertThat(result.appraisal().matched().orElseThrow()).contains("MRENCLAVE 3e78");
        assertThat(result.freshness().established()).isFalse();
        SgxResult bound = c.verifier()
                .verify(
                        c.full(),
                        accepting.withReportData(result.report().reportData().toByteArray()));
        assertThat(bound.freshness().established()).isTrue();
        assertThat(rejection(c, accepting.withReportData(new byte[64])))
                .isEqualTo(RejectionReason.REPORT_DATA_MISMATCH);
        assertThat(rejection(c, accepting.withNonce(new byte[32]))).isEqualTo(RejectionReason.NONCE_NOT_CARRIED);
        assertThat(rejection(
                        c,
                        SgxPolicy.builder()
                                .allow(reference)
                                .tcb(tcb.minEvaluationDataNumber(18).build())
                                .build()))
                .isEqualTo(RejectionReason.TCB_EVALUATION_NUMBER);
    }

    @Test
    void aDebugEnclaveIsAuthenticAndRejected() throws Exception {
        DcapCases.Case c = DcapCases.named("sgx-automata-quote-sgx-tcb20250619");
        TcbPolicy tcb = TcbPolicy.builder()
                .accept(TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED)
                .acceptAdvisories("INTEL-SA-00289", "INTEL-SA-00615")
                .build();
        SgxReference reference = SgxReference.signer(
                Bytes.ofHex("9affcfae47b848ec2caf1c49b4b283531e1cc425f93582b36806e52a43d78d1a"), 0, 0);
        assertThat(rejection(c, SgxPolicy.builder().allow(reference).tcb(tcb).build()))
                .isEqualTo(RejectionReason.DEBUG);
        SgxResult result = c.verifier()
                .verify(
                        c.full(),
                        SgxPolicy.builder()
                                .allow(reference)
                                .tcb(tcb)
                                .insecureAllowDebug()
                                .build());
        assertThat(result.appraisal().debug()).isTrue();
    }

    @Test
    void aTdWithoutSeptVeDisableIsRejectedUnlessThePolicySaysOtherwise() throws Exception {
        DcapCases.Case c = DcapCases.named("tdx-zkdcap-quote-v4-tcb20250213");
        TdxReference reference = reference(verifyTdx(c.id()));
        assertThat(rejection(c, TdxPolicy.builder().allow(reference).build())).isEqualTo(RejectionReason.TDX_SEPT_VE);
        TdxResult result = c.verifier()
                .verify(
                        c.full(),
                        TdxPolicy.builder()
                                .allow(reference)
                                .insecureAllowSeptVe()
                                .build());
        assertThat(result.tcb().orElseThrow().status()).isEqualTo(TcbStatus.UP_TO_DATE);
    }

    @Test
    void aServiceTdAndItsFeaturesNeedThePolicysWord() throws Exception {
        DcapCases.Case c = DcapCases.named("tdx-automata-quotev5-tcb20250605");
        TdxResult shown = verifyTdx(c.id());
        TdxReference reference = reference(shown);
        assertThat(rejection(c, TdxPolicy.builder().allow(reference).build()))
                .isEqualTo(RejectionReason.TDX_SERVICE_TD);
        Bytes service = shown.report().mrServiceTd().orElseThrow();
        TdxPolicy allowing =
                TdxPolicy.builder().allow(reference).allowServiceTd(service).build();
        assertThat(c.verifier().verify(c.full(), allowing).report().mrServiceTd())
                .contains(service);
        assertThat(rejection(
                        c,
                        TdxPolicy.builder()
                                .allow(reference)
                                .allowServiceTd(service)
                                .allowedXfam(0x3)
                                .build()))
                .isEqualTo(RejectionReason.TDX_XFAM);
    }

    @Test
    void performanceMonitoringNeedsThePolicysWord() throws Exception {
        DcapCases.Case c = DcapCases.named("tdx-automata-godcap-sample-1-tdx-tcb20250605");
        TdxReference reference = reference(verifyTdx(c.id()));
        TcbPolicy any = TcbPolicy.builder()
                .insecureAccept(TcbStatus.NOT_SUPPORTED)
                .insecureAcceptAnyAdvisory()
                .build();
        assertThat(rejection(c, TdxPolicy.builder().allow(reference).build()))
                .isEqualTo(RejectionReason.TCB_NOT_SUPPORTED);
        assertThat(rejection(c, TdxPolicy.builder().allow(reference).tcb(any).build()))
                .isEqualTo(RejectionReason.TDX_ATTRIBUTE_NOT_ALLOWED);
        c.verifier()
                .verify(
                        c.full(),
                        TdxPolicy.builder()
                                .allow(reference)
                                .tcb(any)
                                .allowAttributes(TdAttribute.PERFMON)
                                .build());
    }

    @Test
    void collateralIsFoundByContent() throws Exception {
        DcapCases.Case c = DcapCases.named("tdx-dcap-qvl-tdx-quote-tcb20250619");
        Collateral named = c.collateral();
        Collateral sorted = Collateral.ofContents(named.kinds().stream()
                .flatMap(kind -> named.pieces(kind).stream())
                .map(Bytes::toByteArray)
                .toList());
        Evidence evidence = Evidence.of(c.format(), c.evidence()).withCollateral(sorted);
        assertThat(c.verifier().insecureWithoutAppraisal(evidence, Strictness.full()))
                .isInstanceOf(TdxResult.class);
    }

    private static TdxReference reference(TdxResult result) {
        return TdxReference.builder()
                .mrTd(result.report().mrTd())
                .rtmr(1, result.report().rtmr().get(1))
                .build();
    }

    private static TcbAssessment tdx(String id) throws Exception {
        return verifyTdx(id).tcb().orElseThrow();
    }

    private static TdxResult verifyTdx(String id) throws Exception {
        DcapCases.Case c = DcapCases.named(id);
        return (TdxResult) c.verifier().insecureWithoutAppraisal(c.full(), c.strictness());
    }

    private static RejectionReason rejection(DcapCases.Case c, Evidence evidence, Strictness strictness)
            throws Exception {
        var verifier = c.verifier();
        EvidenceRejectedException e = catchThrowableOfType(
                EvidenceRejectedException.class, () -> verifier.insecureWithoutAppraisal(evidence, strictness));
        return e.reason();
    }

    private static RejectionReason rejection(DcapCases.Case c, AppraisalPolicy policy) throws Exception {
        var verifier = c.verifier();
        Evidence evidence = c.full();
        EvidenceRejectedException e =
                catchThrowableOfType(EvidenceRejectedException.class, () -> verifier.verify(evidence, policy));
        return e.reason();
    }
}
