package io.ebridge.testkit.attest;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.EvidenceFormat;

/**
 * What a {@link FakeQuotingEnclave} pretends to run on, and what it pretends to run: the measurements, versions and modes that its evidence
 * reports. Immutable; every method that changes something returns a copy.
 *
 * <p>A platform is data only. The same platform under the same seed and clock gives the same evidence, byte for byte.
 */
public sealed interface FakePlatform permits FakeNitro, FakeSgx, FakeTdx, FakeSnp {
    /**
     * The format of its evidence.
     *
     * @return the format
     */
    EvidenceFormat format();

    /**
     * A policy that accepts this platform and no other image: production mode, all collateral demanded.
     *
     * @return the policy
     */
    AppraisalPolicy policy();

    /**
     * A policy that demands all that this platform shows, down to its chip or evaluation number: the one that every {@link Defect} violates.
     *
     * @param enclave the enclave that runs on it; where it has a defect that only shows under certain demands, these are added
     * @return the policy
     */
    AppraisalPolicy strictPolicy(FakeQuotingEnclave enclave);

    /**
     * Whether it reports itself as a debug enclave, which every policy rejects unless told otherwise by name.
     *
     * @return whether it does
     */
    boolean isDebug();
}
