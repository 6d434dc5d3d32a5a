/**
 * Collateral over HTTP: {@link io.ebridge.attest.http.HttpCollateralSource} asks Intel's and AMD's services, or caches in
 * front of them, and remembers what they say.
 *
 * <pre>{@code
 * try (HttpCollateralSource vendors = HttpCollateralSource.builder()
 *         .intelPccs(URI.create("https://pccs.example.org:8081"))
 *         .build()) {
 *     EvidenceVerifier verifier = EvidenceVerifier.builder().collateral(vendors).build();
 *     AttestationResult result = verifier.verify(evidence, policy);
 * }
 * }</pre>
 */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.http;
