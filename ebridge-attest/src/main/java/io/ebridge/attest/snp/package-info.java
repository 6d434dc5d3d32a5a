/**
 * AMD SEV-SNP: {@link io.ebridge.attest.snp.SnpPolicy} says which guests are accepted,
 * {@link io.ebridge.attest.snp.SnpResult} what was verified, {@link io.ebridge.attest.snp.SnpReport} is the parsed report.
 *
 * <pre>{@code
 * SnpPolicy policy = SnpPolicy.builder()
 *         .allow(SnpReference.ofMeasurement(expected))
 *         .minTcb(SnpProduct.MILAN, SnpTcb.of(4, 0, 24, 219))
 *         .build();
 * SnpResult result = verifier.verify(evidence, policy.withReportData(sessionBinding));
 * }</pre>
 */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.snp;
