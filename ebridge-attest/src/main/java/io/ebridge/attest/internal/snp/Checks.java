package io.ebridge.attest.internal.snp;

import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.internal.VerificationContext;
import java.util.function.Supplier;

/** Checks whose message costs something to put together. */
final class Checks {

    private Checks() {}

    static void require(VerificationContext context, boolean condition, RejectionReason reason, Supplier<String> detail)
            throws EvidenceRejectedException {
        if (!condition) {
            throw new EvidenceRejectedException(reason, detail.get());
        }
        context.passed(reason);
    }
}
