package io.ebridge.attest.snp;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.Findings;

/**
 * SNP evidence that was verified.
 *
 * @param findings what was checked
 */
public record SnpResult(Findings findings) implements AttestationResult {

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.SNP;
    }

    @Override
    public java.util.Optional<io.ebridge.attest.Bytes> reportData() {
        return java.util.Optional.empty();
    }
}
