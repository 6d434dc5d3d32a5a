package io.ebridge.attest.tdx;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.Findings;

/**
 * TDX evidence that was verified.
 *
 * @param findings what was checked
 */
public record TdxResult(Findings findings) implements AttestationResult {

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.TDX;
    }
}
