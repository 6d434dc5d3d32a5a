package io.ebridge.ratls;

import io.ebridge.attest.Availability;
import io.ebridge.ratls.tls.TlsStack;

/** The TLS implementation that contexts are built on. */
public enum TlsProvider {
    /**
     * The JDK's where it has an exporter (Java 25) or none is needed, else Conscrypt, else Netty's; STRICT mode refuses to start where none of them can
     * do it.
     */
    AUTO,
    /** The JDK's own. STRICT mode needs Java 25. */
    JSSE,
    /** Conscrypt 2.9 or later, which must be on the class or module path. */
    CONSCRYPT,
    /**
     * BoringSSL by way of Netty's {@code SslContext}: {@code io.netty:netty-handler}, {@code netty-tcnative-classes} and the
     * {@code netty-tcnative-boringssl-static} of the platform must be on the class or module path.
     *
     * <p>It has no exporter of its own, so STRICT mode derives the value (RFC 8446, section 7.5) from the secret that BoringSSL reports to its key log.
     * Reaching that takes a field that Netty does not export: on the class path nothing is needed, on the module path
     * {@code --add-opens io.netty.handler/io.netty.handler.ssl=io.ebridge.ratls}. The secret is kept for the length of one derivation and is not
     * logged; no other secret of the key log is looked at.
     *
     * <p>Its limits: the suites of TLS 1.3 cannot be chosen from, application protocols are a list (no selector function), algorithm constraints are
     * refused, and a peer that closes its direction closes both.
     */
    TCNATIVE;

    /**
     * Whether STRICT mode can be had with this implementation here and now. The reason, where it cannot, names the artifact or the option that is
     * missing. An implementation that is available may still be refused by the self-test of {@link AttestedClient#sslContext()}.
     *
     * @return for {@link #AUTO}, whether any can
     */
    public Availability strict() {
        try {
            TlsStack.choose(this, true);
            return Availability.yes();
        } catch (AttestedTlsException e) {
            return Availability.no(String.valueOf(e.getMessage()));
        }
    }
}
