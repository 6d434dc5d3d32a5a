package io.ebridge.ratls.strict;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers for a second which evidence has satisfied which policy, report data included: connections whose bindings were quoted together all bring the
 * same evidence and expect the same report data of it, and need it verified once. Rejections are not remembered.
 */
final class RecentVerdicts {

    private static final int MAX = 32;
    private static final long LIFE_NANOS = 1_000_000_000L;

    /** Everything that a verdict depends on but the time. */
    private record Key(Evidence evidence, AppraisalPolicy policy) {}

    private record Verdict(AttestationResult result, long at) {}

    private final Map<Key, Verdict> verdicts = new LinkedHashMap<>();

    AttestationResult verify(EvidenceVerifier verifier, Evidence evidence, AppraisalPolicy policy)
            throws EvidenceRejectedException {
        Key key = new Key(evidence, policy);
        long now = System.nanoTime();
        synchronized (verdicts) {
            verdicts.values().removeIf(verdict -> now - verdict.at > LIFE_NANOS);
            Verdict known = verdicts.get(key);
            if (known != null) {
                return known.result;
            }
        }
        AttestationResult result = verifier.verify(evidence, policy);
        synchronized (verdicts) {
            if (verdicts.size() < MAX) {
                verdicts.putIfAbsent(key, new Verdict(result, now));
            }
        }
        return result;
    }
}
