/**
 * AssertJ assertions for what the suite produces. Needs AssertJ 3.27 or later on the path; nothing else of the testkit does.
 *
 * <pre>{@code
 * import static io.ebridge.testkit.assertions.AttestationAssertions.assertThat;
 *
 * assertThat(evidence).hasFormat(EvidenceFormat.TDX).isAcceptedBy(verifier, policy).isNotDebug().hasChecked(RejectionReason.QUOTE_SIGNATURE);
 * assertThat(evidence).isRejectedBy(verifier, otherPolicy, RejectionReason.MEASUREMENT_MISMATCH);
 * }</pre>
 */
@NullMarked
package io.ebridge.testkit.assertions;

import org.jspecify.annotations.NullMarked;
