package io.ebridge.attest.sgx;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.Findings;

/**
 * SGX evidence that was verified.
 *
 * @param findings what was checked
 */
public record SgxResult(Findings findings) implements AttestationResult {

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.SGX;
    }
}
