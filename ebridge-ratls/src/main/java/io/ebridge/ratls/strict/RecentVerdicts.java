package io.ebridge.ratls.strict;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Remembers for a second which evidence has satisfied which policy: connections whose bindings were quoted together all bring the same evidence, and need
 * it verified once.
 *
 * <p>What is bound freshly for each connection is not shared: the policy that is compared holds the report data that this connection expects, computed from
 * its own exporter, keys and nonce. A verdict is never used outside the window of its result, nor once the evidence is older than the policy allows, by
 * the verifier's clock. Rejections are not remembered. Thread-safe.
 */
final class RecentVerdicts {

    static final int MAX = 32;
    static final long LIFE_NANOS = 1_000_000_000L;

    /** Everything that a verdict depends on but the time. */
    private record Key(Evidence evidence, AppraisalPolicy policy) {}

    private record Verdict(AttestationResult result, AppraisalPolicy policy, long at) {

        boolean lives(long now) {
            return now - at <= LIFE_NANOS;
        }

        boolean holds(Instant now) {
            return result.validity().contains(now)
                    && result.freshness()
                            .producedAt()
                            .map(made -> !now.isAfter(made.plus(policy.maxAge())))
                            .orElse(true);
        }
    }

    private final LongSupplier nanoTime;
    private final Map<Key, Verdict> verdicts = new LinkedHashMap<>();

    RecentVerdicts() {
        this(System::nanoTime);
    }

    RecentVerdicts(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    AttestationResult verify(EvidenceVerifier verifier, Evidence evidence, AppraisalPolicy policy)
            throws EvidenceRejectedException {
        Key key = new Key(evidence, policy);
        long now = nanoTime.getAsLong();
        synchronized (verdicts) {
            verdicts.values().removeIf(verdict -> !verdict.lives(now));
            Verdict known = verdicts.get(key);
            if (known != null) {
                if (known.holds(verifier.clock().instant())) {
                    return known.result;
                }
                verdicts.remove(key);
            }
        }
        AttestationResult result = verifier.verify(evidence, policy);
        synchronized (verdicts) {
            if (verdicts.size() < MAX) {
                verdicts.putIfAbsent(key, new Verdict(result, policy, now));
            }
        }
        return result;
    }
}
