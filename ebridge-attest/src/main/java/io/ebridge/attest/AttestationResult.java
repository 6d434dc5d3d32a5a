package io.ebridge.attest;

import io.ebridge.attest.nitro.NitroResult;
import io.ebridge.attest.sgx.SgxResult;
import io.ebridge.attest.snp.SnpResult;
import io.ebridge.attest.tdx.TdxResult;
import java.util.Optional;
import java.util.Set;

/**
 * Evidence that was verified. Authenticity, freshness and appraisal are kept apart, since a caller may need to know which of
 * them rests on what. Each format's result adds the parsed evidence, every field of which is covered by a signature that was
 * checked.
 *
 * <p>A result is a snapshot: it holds for the instant of evaluation, and {@link #validity()} says how long the certificates
 * and collateral behind it would have held.
 */
public sealed interface AttestationResult permits NitroResult, SgxResult, TdxResult, SnpResult {

    /**
     * The format of the evidence.
     *
     * @return the format
     */
    EvidenceFormat format();

    /**
     * The report data that the evidence carries: 64 bytes for SGX, TDX and SNP, {@code user_data} of any length for Nitro.
     *
     * @return the bytes; empty if a Nitro document has none
     */
    Optional<Bytes> reportData();

    /**
     * Everything that results of all formats have in common.
     *
     * @return the findings
     */
    Findings findings();

    /**
     * Who signed.
     *
     * @return what is known
     */
    default Authenticity authenticity() {
        return findings().authenticity();
    }

    /**
     * When it was made.
     *
     * @return what is known
     */
    default Freshness freshness() {
        return findings().freshness();
    }

    /**
     * What code it speaks for.
     *
     * @return what is known
     */
    default Appraisal appraisal() {
        return findings().appraisal();
    }

    /**
     * The intersection of all windows that the result rests on.
     *
     * @return a window that contains the instant of evaluation
     */
    default ValidityWindow validity() {
        return findings().validity();
    }

    /**
     * The checks that were made, each by the reason for which it would have rejected.
     *
     * @return an unmodifiable set
     */
    default Set<RejectionReason> checks() {
        return findings().checks();
    }
}
