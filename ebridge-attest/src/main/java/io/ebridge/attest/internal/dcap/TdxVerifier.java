package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.internal.FormatVerifier;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.tdx.TdxPolicy;
import io.ebridge.attest.tdx.TdxResult;
import org.jspecify.annotations.Nullable;

/** Verifies TDX evidence. */
public final class TdxVerifier implements FormatVerifier<TdxPolicy, TdxResult> {

    @Override
    public TdxResult verify(byte[] evidence, @Nullable TdxPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        throw new EvidenceRejectedException(RejectionReason.UNSUPPORTED_VERSION, "not built in");
    }

    @Override
    public CollateralReport checkCollateral(Collateral collateral, VerificationContext context)
            throws EvidenceRejectedException {
        throw new EvidenceRejectedException(RejectionReason.UNSUPPORTED_VERSION, "not built in");
    }
}
