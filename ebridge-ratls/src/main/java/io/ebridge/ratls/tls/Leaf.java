package io.ebridge.ratls.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** A key and the chain that goes with it. The string form shows neither. */
public record Leaf(PrivateKey key, List<X509Certificate> chain) {
    public Leaf {
        chain = List.copyOf(chain);
    }

    @Override
    public String toString() {
        return "Leaf[" + chain.get(0).getSubjectX500Principal() + "]";
    }
}
