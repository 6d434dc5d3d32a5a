/**
 * Strict verification of attestation evidence, and the providers that make it.
 *
 * <p><b>What it decides.</b> Given a piece of evidence (an AWS Nitro attestation document, an Intel SGX or TDX quote, an
 * AMD SEV-SNP report), the vendor's collateral, a clock and a policy, {@link io.ebridge.attest.EvidenceVerifier} either
 * returns an {@link io.ebridge.attest.AttestationResult} that says what was checked, or throws an
 * {@link io.ebridge.attest.EvidenceRejectedException} that says exactly why not. There is no boolean to forget.
 *
 * <p><b>What it does not decide.</b> That the peer at the other end of a connection is the enclave that made the evidence:
 * that needs a binding in the report data, which the caller states as an expectation (see {@code io.ebridge.ratls}). Side
 * channels of the hardware are out of scope.
 *
 * <pre>{@code
 * NitroPolicy policy = NitroPolicy.builder()
 *         .allow(PcrSet.ofHex(pcr0, pcr1, pcr2))
 *         .maxAge(Duration.ofMinutes(5))
 *         .build();
 * EvidenceVerifier verifier = EvidenceVerifier.builder().build();
 * NitroResult result = verifier.verify(Evidence.of(EvidenceFormat.NITRO, document), policy.withNonce(nonce));
 * }</pre>
 *
 * <p>Verification does no I/O of its own; only evidence providers (device files) and collateral sources do. Nothing is
 * registered with the JVM's security providers, and no JVM-wide property is set.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // qualified exports name modules that are built later
module io.ebridge.attest {
    requires static transitive org.jspecify;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.util;
    requires java.net.http;

    exports io.ebridge.attest;
    exports io.ebridge.attest.nitro;
    exports io.ebridge.attest.intel;
    exports io.ebridge.attest.sgx;
    exports io.ebridge.attest.tdx;
    exports io.ebridge.attest.snp;
    exports io.ebridge.attest.provider;
    exports io.ebridge.attest.http;
    exports io.ebridge.attest.cbor to
            io.ebridge.ratls,
            io.ebridge.kv,
            io.ebridge.testkit;
    exports io.ebridge.attest.crypto to
            io.ebridge.ratls,
            io.ebridge.kv,
            io.ebridge.testkit;
    exports io.ebridge.attest.certificate to
            io.ebridge.ratls,
            io.ebridge.kv,
            io.ebridge.testkit;
}
