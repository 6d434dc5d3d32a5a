package io.ebridge.attest;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of when the evidence was made.
 *
 * @param evaluatedAt the instant at which every window was evaluated
 * @param producedAt the signed time in the evidence, where the format has one (Nitro)
 * @param proofs what shows that it is recent; empty if nothing does
 */
public record Freshness(Instant evaluatedAt, Optional<Instant> producedAt, Set<Proof> proofs) {

    /** Something that shows that evidence is recent. */
    public enum Proof {
        /** The signed time lies within the policy's maximum age. */
        TIMESTAMP,
        /** The evidence carries the nonce that the verifier expected. */
        NONCE,
        /** The evidence carries the report data that the verifier expected; as fresh as what the caller put into it. */
        REPORT_DATA
    }

    /**
     * Copies the set.
     *
     * @param evaluatedAt the instant at which every window was evaluated
     * @param producedAt the signed time in the evidence, where the format has one (Nitro)
     * @param proofs what shows that it is recent
     */
    public Freshness {
        proofs = Set.copyOf(proofs);
    }

    /**
     * Whether anything shows that the evidence is recent.
     *
     * @return whether there is a proof
     */
    public boolean established() {
        return !proofs.isEmpty();
    }

    /**
     * How old the evidence was when it was evaluated, where it says when it was made.
     *
     * @return the age, or empty
     */
    public Optional<Duration> age() {
        return producedAt.map(at -> Duration.between(at, evaluatedAt));
    }
}
