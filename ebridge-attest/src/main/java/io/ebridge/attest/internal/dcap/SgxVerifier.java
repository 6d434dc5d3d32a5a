package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Appraisal;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.Findings;
import io.ebridge.attest.Freshness;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.intel.EnclaveReport;
import io.ebridge.attest.internal.FormatVerifier;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxReference;
import io.ebridge.attest.sgx.SgxResult;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Verifies SGX quotes of versions 3, 4 and 5. */
public final class SgxVerifier implements FormatVerifier<SgxPolicy, SgxResult> {

    @Override
    public SgxResult verify(byte[] evidence, @Nullable SgxPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        DcapVerifier.Authentic authentic = DcapVerifier.verify(evidence, EvidenceFormat.SGX, context);
        EnclaveReport report = Objects.requireNonNull(authentic.quote().sgx());
        Appraisal appraisal = new Appraisal(false, report.debug(), Optional.empty());
        if (policy != null) {
            DcapVerifier.appraisePlatform(authentic, policy.tcb(), context);
            appraisal = appraise(report, policy, context);
        }
        Freshness freshness = DcapVerifier.freshness(report.reportData(), policy, context);
        return new SgxResult(
                new Findings(
                        authentic.authenticity(context), freshness, appraisal, context.validity(), context.checks()),
                report,
                authentic.details(),
                authentic.collateral().platform(),
                authentic.tcb());
    }

    @Override
    public CollateralReport checkCollateral(Collateral collateral, VerificationContext context)
            throws EvidenceRejectedException {
        return CollateralCheck.check(EvidenceFormat.SGX, collateral, context);
    }

    private static Appraisal appraise(EnclaveReport report, SgxPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        context.require(
                !report.debug() || policy.allowsDebug(),
                RejectionReason.DEBUG,
                "the enclave's DEBUG attribute is set: its memory is open to the host; build and sign it for production");
        context.require(
                report.initialized(), RejectionReason.SGX_NOT_INITIALIZED, "the enclave's INIT attribute is not set");
        String mismatch = "";
        for (SgxReference reference : policy.allowed()) {
            Optional<String> found = reference.mismatch(report);
            if (found.isEmpty()) {
                context.passed(RejectionReason.MEASUREMENT_MISMATCH);
                return new Appraisal(true, report.debug(), Optional.of(reference.describe()));
            }
            mismatch = found.get();
        }
        throw new EvidenceRejectedException(
                RejectionReason.MEASUREMENT_MISMATCH,
                "the enclave is in none of the " + policy.allowed().size() + " allowed sets: MRENCLAVE "
                        + report.mrEnclave() + ", MRSIGNER " + report.mrSigner() + ", ISVPRODID " + report.isvProdId()
                        + ", ISVSVN " + report.isvSvn() + "; against the last set, " + mismatch);
    }
}
