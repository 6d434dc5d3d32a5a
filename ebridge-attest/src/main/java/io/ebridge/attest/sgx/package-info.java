/**
 * Intel SGX: enclaves that a quoting enclave vouches for with an ECDSA quote of version 3, 4 or 5.
 *
 * <p>{@link io.ebridge.attest.sgx.SgxPolicy} says which enclaves on which platforms are accepted; {@link
 * io.ebridge.attest.sgx.SgxResult} is what a verified quote says. What SGX shares with TDX is in {@code
 * io.ebridge.attest.intel}.
 *
 * <pre>{@code
 * SgxPolicy policy = SgxPolicy.builder()
 *         .allow(SgxReference.signer(mrSigner, 1, 5))
 *         .tcb(TcbPolicy.builder().accept(TcbStatus.SW_HARDENING_NEEDED).acceptAdvisories("INTEL-SA-00615").build())
 *         .build();
 * SgxResult result = verifier.verify(Evidence.of(EvidenceFormat.SGX, quote), policy.withReportData(expected));
 * }</pre>
 */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.sgx;
