package io.ebridge.attest.internal.snp;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.internal.FormatVerifier;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.snp.SnpPolicy;
import io.ebridge.attest.snp.SnpResult;
import org.jspecify.annotations.Nullable;

/** Verifies SNP evidence. */
public final class SnpVerifier implements FormatVerifier<SnpPolicy, SnpResult> {

    @Override
    public SnpResult verify(byte[] evidence, @Nullable SnpPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        throw new EvidenceRejectedException(RejectionReason.UNSUPPORTED_VERSION, "not built in");
    }

    @Override
    public CollateralReport checkCollateral(Collateral collateral, VerificationContext context)
            throws EvidenceRejectedException {
        throw new EvidenceRejectedException(RejectionReason.UNSUPPORTED_VERSION, "not built in");
    }
}
