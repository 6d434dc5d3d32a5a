package io.ebridge.attest.nitro;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.Findings;
import java.util.Optional;

/**
 * A Nitro document that was verified.
 *
 * @param document what it says
 * @param findings what was checked
 */
public record NitroResult(NitroDocument document, Findings findings) implements AttestationResult {

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.NITRO;
    }

    @Override
    public Optional<Bytes> reportData() {
        return document.userData();
    }
}
