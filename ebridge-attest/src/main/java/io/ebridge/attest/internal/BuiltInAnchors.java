package io.ebridge.attest.internal;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.TrustAnchor;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.Vendor;
import io.ebridge.attest.x509.X509;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** The vendors' roots, embedded, each checked against the SHA-256 of its certificate when it is loaded. */
public final class BuiltInAnchors {

    private record Root(Vendor vendor, String file, String sha256) {}

    private static final List<Root> ROOTS = List.of(
            new Root(
                    Vendor.AWS, "aws-nitro-g1.pem", "641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b"),
            new Root(
                    Vendor.INTEL,
                    "intel-sgx-root.pem",
                    "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3"),
            new Root(
                    Vendor.AMD,
                    "amd-ark-milan.pem",
                    "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd"),
            new Root(
                    Vendor.AMD,
                    "amd-ark-genoa.pem",
                    "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1"),
            new Root(
                    Vendor.AMD,
                    "amd-ark-turin.pem",
                    "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a"));

    private static final class Holder {
        static final TrustAnchors INSTANCE = load();
    }

    private BuiltInAnchors() {}

    public static TrustAnchors get() {
        return Holder.INSTANCE;
    }

    private static TrustAnchors load() {
        List<TrustAnchor> anchors = new ArrayList<>();
        for (Root root : ROOTS) {
            try (InputStream in = TrustAnchors.class.getResourceAsStream("anchors/" + root.file)) {
                if (in == null) {
                    throw new IllegalStateException("the trust anchor " + root.file + " is missing from this artifact");
                }
                X509Certificate certificate =
                        X509.certificates(in.readAllBytes()).get(0);
                Bytes digest = Bytes.of(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
                if (!digest.equals(Bytes.ofHex(root.sha256))) {
                    throw new IllegalStateException("the trust anchor " + root.file + " was altered");
                }
                anchors.add(TrustAnchor.of(root.vendor, certificate));
            } catch (IOException | GeneralSecurityException | EvidenceRejectedException e) {
                throw new IllegalStateException("the trust anchor " + root.file + " cannot be read", e);
            }
        }
        return TrustAnchors.of(anchors);
    }
}
