package io.ebridge.attest.x509;

import static io.ebridge.attest.x509.TestCertificates.CA_KEY;
import static io.ebridge.attest.x509.TestCertificates.NOW;
import static io.ebridge.attest.x509.TestCertificates.ca;
import static io.ebridge.attest.x509.TestCertificates.crl;
import static io.ebridge.attest.x509.TestCertificates.ec;
import static io.ebridge.attest.x509.TestCertificates.leaf;
import static io.ebridge.attest.x509.TestCertificates.root;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralSource;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.Vendor;
import io.ebridge.attest.crypto.SignatureScheme;
import io.ebridge.attest.crypto.Signatures;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.internal.VerifierState;
import io.ebridge.attest.x509.ChainProfile.KeyKind;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;

/** A chain that is wrong in one way fails with the reason for that, cold and with everything else remembered. */
class ChainValidatorTest {

    private static final ChainProfile PROFILE =
            new ChainProfile(Vendor.AWS, SignatureScheme.ES384, KeyKind.P384, 2, 4, true);

    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final X509Certificate root = root().make();
    private final X509Certificate ca = ca().make();
    private final VerifierState state = state(TrustAnchors.of(Vendor.AWS, root));

    private VerifierState state(TrustAnchors anchors) {
        return new VerifierState(anchors, CollateralSource.none(), now::get, 16, Signatures.best());
    }

    private VerificationContext begin() {
        return state.begin(Strictness.full(), Duration.ZERO, Collateral.none(), true);
    }

    private VerifiedChain verify(X509Certificate... chain) throws EvidenceRejectedException {
        VerificationContext context = begin();
        return context.chains().verifyParsed(List.of(chain), PROFILE, context);
    }

    private void rejects(RejectionReason reason, X509Certificate... chain) throws EvidenceRejectedException {
        for (int i = 0; i < 2; i++) {
            EvidenceRejectedException e = catchThrowableOfType(EvidenceRejectedException.class, () -> verify(chain));
            assertThat(e).as("rejected for %s", reason).isNotNull();
            assertThat(e.reason()).isEqualTo(reason);
            // Now with good neighbours in the cache.
            verify(leaf().make(), ca, root);
        }
    }

    @Test
    void acceptsAGoodChainColdAndWarm() throws EvidenceRejectedException {
        X509Certificate leaf = leaf().make();
        VerifiedChain cold = verify(leaf, ca, root);
        assertThat(cold.leaf()).isEqualTo(leaf);
        assertThat(cold.issuer().leaf()).isEqualTo(ca);
        assertThat(cold.anchor().vendor()).isEqualTo(Vendor.AWS);
        assertThat(cold.window().until()).isEqualTo(NOW.plus(Duration.ofHours(1)));
        assertThat(verify(leaf, ca, root)).isSameAs(cold);
    }

    @Test
    void anchorsByNameAndKeyNotByCertificate() throws EvidenceRejectedException {
        TestCertificates.Spec renewed = root();
        renewed.serial = 99;
        renewed.until = NOW.plus(Duration.ofDays(1));
        assertThat(verify(leaf().make(), ca, renewed.make()).certificates()).hasSize(3);

        TestCertificates.Spec otherKey = root();
        otherKey.key = ec("secp384r1");
        otherKey.issuerKey = otherKey.key;
        rejects(RejectionReason.UNKNOWN_ROOT, leaf().make(), ca, otherKey.make());

        TestCertificates.Spec otherName = root();
        otherName.subject = "CN=INSECURE TEST other";
        otherName.issuer = otherName.subject;
        rejects(RejectionReason.UNKNOWN_ROOT, leaf().make(), ca, otherName.make());
    }

    @Test
    void anAnchorOfAnotherVendorIsNone() {
        VerifierState amd = state(TrustAnchors.of(Vendor.AMD, root));
        VerificationContext context = amd.begin(Strictness.full(), Duration.ZERO, Collateral.none(), true);
        assertThat(catchThrowableOfType(EvidenceRejectedException.class, () -> context.chains()
                                .verifyParsed(List.of(leaf().make(), ca, root), PROFILE, context))
                        .reason())
                .isEqualTo(RejectionReason.UNKNOWN_ROOT);
    }

    @Test
    void everySignatureCounts() throws EvidenceRejectedException {
        TestCertificates.Spec forged = leaf();
        forged.issuerKey = ec("secp384r1");
        rejects(RejectionReason.CHAIN_SIGNATURE, forged.make(), ca, root);
        TestCertificates.Spec forgedCa = ca();
        forgedCa.issuerKey = ec("secp384r1");
        rejects(RejectionReason.CHAIN_SIGNATURE, leaf().make(), forgedCa.make(), root);
        TestCertificates.Spec forgedRoot = root();
        forgedRoot.issuerKey = ec("secp384r1");
        rejects(RejectionReason.CHAIN_SIGNATURE, leaf().make(), ca, forgedRoot.make());
    }

    @Test
    void namesMustChain() throws EvidenceRejectedException {
        TestCertificates.Spec other = leaf();
        other.issuer = "CN=INSECURE TEST other";
        rejects(RejectionReason.CHAIN_ISSUER_NAME, other.make(), ca, root);
        rejects(RejectionReason.CHAIN_ISSUER_NAME, leaf().make(), root);
    }

    @Test
    void issuersMustBeCasAndLeavesNot() throws EvidenceRejectedException {
        TestCertificates.Spec noCa = ca();
        noCa.ca = false;
        rejects(RejectionReason.CHAIN_BASIC_CONSTRAINTS, leaf().make(), noCa.make(), root);
        TestCertificates.Spec silent = ca();
        silent.constraints = false;
        rejects(RejectionReason.CHAIN_BASIC_CONSTRAINTS, leaf().make(), silent.make(), root);
        TestCertificates.Spec caLeaf = leaf();
        caLeaf.ca = true;
        rejects(RejectionReason.CHAIN_BASIC_CONSTRAINTS, caLeaf.make(), ca, root);
    }

    @Test
    void keyUsagesMustFit() throws EvidenceRejectedException {
        TestCertificates.Spec noCertSign = ca();
        noCertSign.usage = KeyUsage.digitalSignature;
        rejects(RejectionReason.CHAIN_KEY_USAGE, leaf().make(), noCertSign.make(), root);
        TestCertificates.Spec none = ca();
        none.usage = 0;
        rejects(RejectionReason.CHAIN_KEY_USAGE, leaf().make(), none.make(), root);
        TestCertificates.Spec noSignature = leaf();
        noSignature.usage = KeyUsage.keyAgreement;
        rejects(RejectionReason.CHAIN_KEY_USAGE, noSignature.make(), ca, root);
        TestCertificates.Spec silent = leaf();
        silent.usage = 0;
        rejects(RejectionReason.CHAIN_KEY_USAGE, silent.make(), ca, root);
        TestCertificates.Spec signsCertificates = leaf();
        signsCertificates.usage = KeyUsage.digitalSignature | KeyUsage.keyCertSign;
        rejects(RejectionReason.CHAIN_KEY_USAGE, signsCertificates.make(), ca, root);
    }

    @Test
    void pathLengthsAreCounted() throws EvidenceRejectedException {
        TestCertificates.Spec sub = ca();
        sub.subject = "CN=INSECURE TEST sub";
        sub.issuer = "CN=INSECURE TEST ca";
        sub.issuerKey = CA_KEY;
        sub.key = ec("secp384r1");
        TestCertificates.Spec leaf = leaf();
        leaf.issuer = sub.subject;
        leaf.issuerKey = sub.key;
        rejects(RejectionReason.CHAIN_PATH_LENGTH, leaf.make(), sub.make(), ca, root);
        TestCertificates.Spec roomier = ca();
        roomier.pathLength = 1;
        assertThat(verify(leaf.make(), sub.make(), roomier.make(), root).certificates())
                .hasSize(4);
        // An anchor is a name and a key, without constraints: Intel's first root allows none of the CAs below it.
        TestCertificates.Spec tightRoot = root();
        tightRoot.pathLength = 0;
        assertThat(verify(leaf().make(), ca, tightRoot.make()).certificates()).hasSize(3);
    }

    @Test
    void chainsHaveALength() throws EvidenceRejectedException {
        rejects(RejectionReason.CHAIN_LENGTH, root);
        rejects(RejectionReason.CHAIN_LENGTH, leaf().make(), ca, ca, ca, root);
    }

    @Test
    void unknownCriticalExtensionsAreRefused() throws EvidenceRejectedException {
        TestCertificates.Spec leaf = leaf();
        leaf.unknownCritical = true;
        rejects(RejectionReason.CHAIN_CRITICAL_EXTENSION, leaf.make(), ca, root);
        TestCertificates.Spec issuer = ca();
        issuer.unknownCritical = true;
        rejects(RejectionReason.CHAIN_CRITICAL_EXTENSION, leaf().make(), issuer.make(), root);
        TestCertificates.Spec anchor = root();
        anchor.unknownCritical = true;
        rejects(RejectionReason.CHAIN_CRITICAL_EXTENSION, leaf().make(), ca, anchor.make());
    }

    @Test
    void keysAndAlgorithmsAreTheVendors() throws EvidenceRejectedException {
        TestCertificates.Spec weakKey = leaf();
        weakKey.key = ec("secp256r1");
        rejects(RejectionReason.CHAIN_ALGORITHM, weakKey.make(), ca, root);
        TestCertificates.Spec weakHash = leaf();
        weakHash.algorithm = "SHA256withECDSA";
        rejects(RejectionReason.CHAIN_ALGORITHM, weakHash.make(), ca, root);
        TestCertificates.Spec weakCa = ca();
        weakCa.key = ec("secp256r1");
        TestCertificates.Spec leaf = leaf();
        leaf.issuerKey = weakCa.key;
        rejects(RejectionReason.CHAIN_ALGORITHM, leaf.make(), weakCa.make(), root);
    }

    @Test
    void everyWindowCountsAtTheInstant() throws EvidenceRejectedException {
        TestCertificates.Spec expired = leaf();
        expired.until = NOW.minusSeconds(1);
        rejects(RejectionReason.CERTIFICATE_EXPIRED, expired.make(), ca, root);
        TestCertificates.Spec future = ca();
        future.from = NOW.plusSeconds(1);
        rejects(RejectionReason.CERTIFICATE_NOT_YET_VALID, leaf().make(), future.make(), root);
        TestCertificates.Spec oldRoot = root();
        oldRoot.until = NOW.minusSeconds(1);
        rejects(RejectionReason.CERTIFICATE_EXPIRED, leaf().make(), ca, oldRoot.make());
    }

    @Test
    void whatIsRememberedEndsWithItsWindow() throws EvidenceRejectedException {
        X509Certificate leaf = leaf().make();
        verify(leaf, ca, root);
        now.set(NOW.plus(Duration.ofHours(1)));
        verify(leaf, ca, root);
        now.set(NOW.plus(Duration.ofHours(1)).plusMillis(1));
        assertThat(catchThrowableOfType(EvidenceRejectedException.class, () -> verify(leaf, ca, root))
                        .reason())
                .isEqualTo(RejectionReason.CERTIFICATE_EXPIRED);
    }

    @Test
    void damagedCertificatesAreMalformed() throws Exception {
        byte[] leaf = leaf().make().getEncoded();
        for (byte[] bad : List.of(
                new byte[0],
                new byte[] {0x30, 0x00},
                java.util.Arrays.copyOf(leaf, leaf.length - 1),
                java.util.Arrays.copyOf(leaf, leaf.length + 1),
                "-----BEGIN CERTIFICATE-----".getBytes(java.nio.charset.StandardCharsets.US_ASCII))) {
            VerificationContext context = begin();
            assertThat(catchThrowableOfType(EvidenceRejectedException.class, () -> context.chains()
                                    .verify(List.of(bad, ca.getEncoded(), root.getEncoded()), PROFILE, context))
                            .reason())
                    .isEqualTo(RejectionReason.CERTIFICATE_MALFORMED);
        }
    }

    private VerifiedCrl verifyCrl(byte[] der) throws EvidenceRejectedException {
        VerificationContext context = begin();
        return context.crls().verify(der, ca, SignatureScheme.ES384, context);
    }

    private void rejectsCrl(RejectionReason reason, byte[] der) {
        for (int i = 0; i < 2; i++) {
            assertThat(catchThrowableOfType(EvidenceRejectedException.class, () -> verifyCrl(der))
                            .reason())
                    .isEqualTo(reason);
        }
    }

    @Test
    void listsRevokeWhatIsOnThem() throws EvidenceRejectedException {
        Instant from = NOW.minusSeconds(60);
        Instant until = NOW.plusSeconds(60);
        byte[] der = crl("CN=INSECURE TEST ca", CA_KEY, from, until, false, 7, 8);
        VerifiedCrl list = verifyCrl(der);
        assertThat(verifyCrl(der)).isSameAs(list);
        VerificationContext context = begin();
        assertThat(catchThrowableOfType(
                                EvidenceRejectedException.class, () -> list.requireNotRevoked(leaf().make(), context))
                        .reason())
                .isEqualTo(RejectionReason.CERTIFICATE_REVOKED);
        TestCertificates.Spec other = leaf();
        other.serial = 9;
        list.requireNotRevoked(other.make(), context);
        assertThat(context.checks()).contains(RejectionReason.CERTIFICATE_REVOKED);

        now.set(until.plusMillis(1));
        rejectsCrl(RejectionReason.CRL_EXPIRED, der);
        now.set(from.minusMillis(1));
        rejectsCrl(RejectionReason.CRL_NOT_YET_VALID, der);
    }

    @Test
    void listsMustBeTheIssuersAndWhole() {
        Instant from = NOW.minusSeconds(60);
        Instant until = NOW.plusSeconds(60);
        rejectsCrl(RejectionReason.CRL_ISSUER, crl("CN=INSECURE TEST root", CA_KEY, from, until, false));
        rejectsCrl(RejectionReason.CRL_SIGNATURE, crl("CN=INSECURE TEST ca", ec("secp384r1"), from, until, false));
        rejectsCrl(RejectionReason.CRL_EXPIRED, crl("CN=INSECURE TEST ca", CA_KEY, from, null, false));
        rejectsCrl(RejectionReason.CRL_MALFORMED, crl("CN=INSECURE TEST ca", CA_KEY, from, until, true));
        byte[] good = crl("CN=INSECURE TEST ca", CA_KEY, from, until, false);
        rejectsCrl(RejectionReason.CRL_MALFORMED, java.util.Arrays.copyOf(good, good.length + 1));
        rejectsCrl(RejectionReason.CRL_MALFORMED, new byte[] {0x30, 0x02, 0x05, 0x00});
    }
}
