/**
 * The common face of all formats: evidence in, a result or a typed rejection out.
 *
 * <ul>
 *   <li>{@link io.ebridge.attest.Evidence} is a format and its bytes, with collateral if the sender attached some.
 *   <li>{@link io.ebridge.attest.AppraisalPolicy} says what the relying party accepts; each format has its own in
 *       {@code .nitro}, {@code .sgx}, {@code .tdx} and {@code .snp}, and none builds without reference values.
 *   <li>{@link io.ebridge.attest.EvidenceVerifier} checks one against the other, in the order of the specification.
 *   <li>{@link io.ebridge.attest.AttestationResult} keeps authenticity, freshness and appraisal apart.
 *   <li>{@link io.ebridge.attest.Collateral} and {@link io.ebridge.attest.CollateralSource} bring the vendors'
 *       endorsements; {@link io.ebridge.attest.TrustAnchors} holds their roots.
 *   <li>{@link io.ebridge.attest.EvidenceProvider} is the attester's side.
 * </ul>
 *
 * <p>Each format's package has the same furniture: a {@code …Policy} with its builder, a {@code …Result}, and the parsed
 * evidence as a value.
 */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest;
