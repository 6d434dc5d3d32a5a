package io.ebridge.ratls.strict;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a second which evidence has satisfied which policy: connections whose bindings were quoted together all bring the same evidence, and need
 * it verified once.
 *
 * <p>What is bound freshly for each connection is not shared: the policy that is compared holds the report data that this connection expects, computed from
 * its own exporter, keys and nonce. A verdict is never used outside the window of its result, nor once the evidence is older than the policy allows, by
 * the verifier's clock. Rejections are not remembered. Thread-safe.
 */
public final class RecentVerdicts {

    /** Everything that a verdict depends on but the time. */
    private record Key(Evidence evidence, AppraisalPolicy policy) {
        /** The evidence's bytes, some kilobytes that are no secret, in the order's way, which is quicker than that of equality. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that
                    && policy.equals(that.policy)
                    && evidence.format() == that.evidence.format()
                    && evidence.bytes().compareTo(that.evidence.bytes()) == 0
                    && evidence.collateral().equals(that.evidence.collateral());
        }

        /** By what tells batches apart; the rest is compared. */
        @Override
        public int hashCode() {
            return policy.reportData().hashCode();
        }
    }

    private final Recent<Key, AttestationResult> results;

    RecentVerdicts() {
        this(System::nanoTime);
    }

    RecentVerdicts(LongSupplier nanoTime) {
        results = new Recent<>(nanoTime);
    }

    AttestationResult verify(EvidenceVerifier verifier, Evidence evidence, AppraisalPolicy policy)
            throws EvidenceRejectedException {
        return results.get(
                new Key(evidence, policy),
                result -> holds(result, policy, verifier.clock().instant()),
                () -> verifier.verify(evidence, policy));
    }

    /** Whether a verdict of some time ago is one of now: within its window, and the evidence not older than the policy allows. */
    public static boolean holds(AttestationResult result, AppraisalPolicy policy, Instant now) {
        return result.validity().contains(now)
                && result.freshness()
                        .producedAt()
                        .map(made -> !now.isAfter(made.plus(policy.maxAge())))
                        .orElse(true);
    }
}
