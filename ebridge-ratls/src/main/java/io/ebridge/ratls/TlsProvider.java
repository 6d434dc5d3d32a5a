package io.ebridge.ratls;

/** The TLS implementation that contexts are built on. */
public enum TlsProvider {
    /** The JDK's where it has an exporter (Java 25) or none is needed, else Conscrypt; STRICT mode refuses to start where neither is. */
    AUTO,
    /** The JDK's own. STRICT mode needs Java 25. */
    JSSE,
    /** Conscrypt 2.9 or later, which must be on the class or module path. */
    CONSCRYPT
}
