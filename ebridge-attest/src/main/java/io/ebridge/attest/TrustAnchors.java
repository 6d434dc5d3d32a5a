package io.ebridge.attest;

import io.ebridge.attest.internal.BuiltInAnchors;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The roots that evidence may lead to. Immutable.
 *
 * <p>The built-in set has AWS Nitro Enclaves root G1, the Intel SGX Root CA and the AMD root keys for Milan, Genoa and Turin. A
 * set of one's own replaces it, it does not add to it, unless {@link #plus} says so: that is how tests stay apart from
 * production.
 */
public final class TrustAnchors {

    private final List<TrustAnchor> anchors;

    private TrustAnchors(List<TrustAnchor> anchors) {
        this.anchors = List.copyOf(anchors);
    }

    /**
     * The vendors' roots.
     *
     * @return the built-in set
     */
    public static TrustAnchors builtIn() {
        return BuiltInAnchors.get();
    }

    /**
     * A set of one's own.
     *
     * @param anchors at least one
     * @return the set
     * @throws IllegalArgumentException if there is none
     */
    public static TrustAnchors of(List<TrustAnchor> anchors) {
        if (anchors.isEmpty()) {
            throw new IllegalArgumentException("no trust anchor");
        }
        return new TrustAnchors(anchors);
    }

    /**
     * One root.
     *
     * @param vendor whose it is
     * @param certificate its certificate, of which name and key count
     * @return the set
     */
    public static TrustAnchors of(Vendor vendor, X509Certificate certificate) {
        return new TrustAnchors(List.of(TrustAnchor.of(vendor, certificate)));
    }

    /**
     * Both sets together.
     *
     * @param other another set
     * @return the union
     */
    public TrustAnchors plus(TrustAnchors other) {
        List<TrustAnchor> all = new ArrayList<>(anchors);
        all.addAll(other.anchors);
        return new TrustAnchors(all);
    }

    /**
     * The anchors of this set.
     *
     * @return an unmodifiable list
     */
    public List<TrustAnchor> anchors() {
        return anchors;
    }

    /**
     * The anchor that a root certificate is.
     *
     * @param vendor whose root it must be
     * @param root a certificate
     * @return the anchor with its name and key, or empty
     */
    public Optional<TrustAnchor> find(Vendor vendor, X509Certificate root) {
        for (TrustAnchor anchor : anchors) {
            if (anchor.vendor() == vendor && anchor.matches(root)) {
                return Optional.of(anchor);
            }
        }
        return Optional.empty();
    }

    /** The names. */
    @Override
    public String toString() {
        return "TrustAnchors" + anchors;
    }
}
