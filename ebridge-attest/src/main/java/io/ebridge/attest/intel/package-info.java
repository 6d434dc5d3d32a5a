/**
 * What SGX and TDX have in common: the platform behind a PCK certificate, the state of its trusted computing base (TCB) by
 * Intel's collateral, and what a relying party accepts of it.
 *
 * <p>Both kinds of quote are signed by a quoting enclave, whose own report is signed by the platform's PCK key, whose
 * certificate leads to Intel's root. Signed documents of Intel say which versions of microcode, firmware, TDX module and quoting
 * enclave are current: {@link io.ebridge.attest.intel.TcbAssessment} is the outcome of comparing the platform with them,
 * {@link io.ebridge.attest.intel.TcbPolicy} decides on it.
 *
 * <pre>{@code
 * TcbPolicy tcb = TcbPolicy.builder()
 *         .accept(TcbStatus.SW_HARDENING_NEEDED)
 *         .acceptAdvisories("INTEL-SA-00615")
 *         .minEvaluationDataNumber(18)
 *         .maxCollateralAge(Duration.ofDays(7))
 *         .build();
 * }</pre>
 */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.intel;
