package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.internal.FormatVerifier;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxResult;
import org.jspecify.annotations.Nullable;

/** Verifies SGX evidence. */
public final class SgxVerifier implements FormatVerifier<SgxPolicy, SgxResult> {

    @Override
    public SgxResult verify(byte[] evidence, @Nullable SgxPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        throw new EvidenceRejectedException(RejectionReason.UNSUPPORTED_VERSION, "not built in");
    }

    @Override
    public CollateralReport checkCollateral(Collateral collateral, VerificationContext context)
            throws EvidenceRejectedException {
        throw new EvidenceRejectedException(RejectionReason.UNSUPPORTED_VERSION, "not built in");
    }
}
