package io.ebridge.testkit.attest;

import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/** Signs certificates and CRLs. */
interface Signer {
    AlgorithmIdentifier algorithm();

    byte[] sign(byte[] data);
}
