/** Strict verification of attestation evidence, and the providers that make it. */
@org.jspecify.annotations.NullMarked
module io.ebridge.attest {
    requires static org.jspecify;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.util;
}
