package io.ebridge.attest.internal.snp;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.x509.VerifiedChain;
import java.util.Optional;

/**
 * What was chosen for a report and verified.
 *
 * @param chain endorsement key, its issuer, the root
 * @param extensions what the first says of the platform
 * @param crl the root's revocation list, chosen and not yet verified; empty if there is none
 */
record Endorsement(VerifiedChain chain, VekExtensions extensions, Optional<Bytes> crl) {}
