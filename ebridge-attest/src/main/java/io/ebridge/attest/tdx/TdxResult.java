package io.ebridge.attest.tdx;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.Findings;
import io.ebridge.attest.intel.IntelPlatform;
import io.ebridge.attest.intel.QuoteDetails;
import io.ebridge.attest.intel.TcbAssessment;
import java.util.Optional;

/**
 * A TDX quote that was verified.
 *
 * @param findings what every result has
 * @param report the TD's report, covered by the quote's signature
 * @param quote what else the quote says
 * @param platform the platform, from its PCK certificate
 * @param tcb the state of its TCB; empty only if the strictness did without TCB info
 */
public record TdxResult(
        Findings findings, TdReport report, QuoteDetails quote, IntelPlatform platform, Optional<TcbAssessment> tcb)
        implements AttestationResult {

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.TDX;
    }

    @Override
    public Optional<Bytes> reportData() {
        return Optional.of(report.reportData());
    }
}
