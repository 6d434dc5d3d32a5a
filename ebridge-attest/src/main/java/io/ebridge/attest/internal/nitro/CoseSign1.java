package io.ebridge.attest.internal.nitro;

/**
 * The parts of a COSE_Sign1 as received (RFC 9052 section 4.2).
 *
 * @param protectedHeader the bytes of the protected header
 * @param payload the bytes of the payload
 * @param signature r and s
 */
record CoseSign1(byte[] protectedHeader, byte[] payload, byte[] signature) {}
