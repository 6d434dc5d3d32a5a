/**
 * Certificates that carry evidence: three profiles to build, read and verify, and the registry of their object identifiers.
 *
 * <p>Such evidence is bound to the certificate's key, not to a session: it can be relayed by whoever holds the key. Use it for discovery and for peers
 * that know no better; {@link io.ebridge.ratls.AttestedTls} is STRICT unless told otherwise.
 *
 * <pre>{@code
 * AttestedCertificate attested = AttestedCertificate.read(certificate);
 * AttestationResult result = attested.verify(verifier, policy);
 * }</pre>
 */
package io.ebridge.ratls.certificate;
