/**
 * Fake attestation: evidence that is real in every respect but the root, and fails in exactly the way a test asks for.
 *
 * <p>{@link io.ebridge.testkit.attest.FakeQuotingEnclave} takes the place of an {@link io.ebridge.attest.EvidenceProvider}; a
 * {@link io.ebridge.testkit.attest.FakePlatform} says what it pretends to run; a {@link io.ebridge.testkit.attest.Defect} makes it wrong in one way:
 *
 * <pre>{@code
 * FakeQuotingEnclave good = FakeQuotingEnclave.of(FakeTdx.standard().image("orders-1.4"));
 * AttestationResult result = good.verifier().verify(good.quote(reportData, null), good.policy().withReportData(reportData));
 *
 * FakeQuotingEnclave debug = good.on(FakeTdx.standard().image("orders-1.4").debug());
 * // debug.verifier().verify(...) throws EvidenceRejectedException with reason DEBUG
 * }</pre>
 *
 * <p>Nothing here is a service that a {@link java.util.ServiceLoader} could find: fakes are handed over explicitly, so that none is ever picked up in
 * production, and no default trust anchor accepts one.
 */
@NullMarked
package io.ebridge.testkit.attest;

import org.jspecify.annotations.NullMarked;
