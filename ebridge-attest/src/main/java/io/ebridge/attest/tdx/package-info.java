/**
 * Intel TDX: trust domains that the TD quoting enclave vouches for with a quote of version 4, or version 5 with a TD 1.0 or 1.5
 * body.
 *
 * <p>{@link io.ebridge.attest.tdx.TdxPolicy} says which TDs on which platforms are accepted; {@link
 * io.ebridge.attest.tdx.TdxResult} is what a verified quote says. What TDX shares with SGX is in {@code
 * io.ebridge.attest.intel}.
 *
 * <pre>{@code
 * TdxPolicy policy = TdxPolicy.builder()
 *         .allow(TdxReference.builder().mrTd(firmware).rtmr(1, kernel).rtmr(2, commandLineAndInitrd).build())
 *         .build();
 * TdxResult result = verifier.verify(Evidence.of(EvidenceFormat.TDX, quote), policy.withReportData(expected));
 * }</pre>
 */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.tdx;
