/** Certificates, chains and revocation lists, by RFC 5280 and as strictly as the vendors' profiles allow. Not exported. */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.x509;
