package io.ebridge.attest.snp;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.Findings;
import java.util.Optional;

/**
 * A SEV-SNP report that was verified: everything in {@link #report()} is what the firmware of a genuine processor signed.
 *
 * @param findings what results of all formats have in common
 * @param report the report
 * @param product the processor's line, on which the report and its endorsement key's certificate agree
 * @param currentTcb what runs now
 * @param reportedTcb the version for which the signing key was derived, as its certificate says too
 * @param committedTcb the version below which the platform can no longer go back
 * @param launchTcb what ran when the guest was launched or imported
 * @param cspId the cloud provider whose key signed, as its certificate names it; empty for a VCEK
 */
public record SnpResult(
        Findings findings,
        SnpReport report,
        SnpProduct product,
        SnpTcb currentTcb,
        SnpTcb reportedTcb,
        SnpTcb committedTcb,
        SnpTcb launchTcb,
        Optional<String> cspId)
        implements AttestationResult {

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.SNP;
    }

    @Override
    public Optional<Bytes> reportData() {
        return Optional.of(report.reportData());
    }
}
