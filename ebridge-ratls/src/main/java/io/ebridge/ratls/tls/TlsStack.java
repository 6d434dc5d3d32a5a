package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.TlsProvider;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A TLS implementation: where its contexts come from, and its exporter if it has one. */
public final class TlsStack {

    private final TlsProvider kind;
    private final @Nullable Provider provider;
    private final @Nullable Exporter exporter;

    private TlsStack(TlsProvider kind, @Nullable Provider provider, @Nullable Exporter exporter) {
        this.kind = kind;
        this.provider = provider;
        this.exporter = exporter;
    }

    /**
     * Chooses one.
     *
     * @param exporting whether it must have an exporter
     * @throws AttestedTlsException ({@link Reason#EXPORTER_UNAVAILABLE}) if there is none
     */
    public static TlsStack choose(TlsProvider wanted, boolean exporting) throws AttestedTlsException {
        return switch (wanted) {
            case JSSE -> jsse(exporting);
            case CONSCRYPT -> conscrypt();
            case AUTO -> {
                if (!exporting || Exporter.ofJdk() != null) {
                    yield jsse(exporting);
                }
                try {
                    yield conscrypt();
                } catch (AttestedTlsException e) {
                    throw new AttestedTlsException(
                            Reason.EXPORTER_UNAVAILABLE,
                            "STRICT mode needs TLS exporters: run on Java 25, or add org.conscrypt:conscrypt-openjdk-uber"
                                    + " (this is Java " + Runtime.version().feature() + "; " + e.getMessage() + ")",
                            e);
                }
            }
        };
    }

    private static TlsStack jsse(boolean exporting) throws AttestedTlsException {
        Exporter exporter = Exporter.ofJdk();
        if (exporting && exporter == null) {
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE,
                    "the JSSE of Java " + Runtime.version().feature()
                            + " has no TLS exporter (Java 25 has), so STRICT mode cannot work with it; it does not fall back");
        }
        return new TlsStack(TlsProvider.JSSE, Security.getProvider("SunJSSE"), exporter);
    }

    private static TlsStack conscrypt() throws AttestedTlsException {
        try {
            return new TlsStack(TlsProvider.CONSCRYPT, ConscryptAccess.provider(), ConscryptAccess::export);
        } catch (LinkageError | RuntimeException e) {
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE,
                    "Conscrypt is not on the class path or among the resolved modules (requires or --add-modules org.conscrypt), or has no native library here",
                    e);
        }
    }

    public TlsProvider kind() {
        return kind;
    }

    SSLContext newContext() throws SSLException {
        try {
            return provider == null ? SSLContext.getInstance("TLSv1.3") : SSLContext.getInstance("TLSv1.3", provider);
        } catch (NoSuchAlgorithmException e) {
            throw new SSLException("no TLS 1.3 in " + kind, e);
        }
    }

    SSLContext newContext(
            javax.net.ssl.KeyManager @Nullable [] keys,
            javax.net.ssl.TrustManager[] trust,
            java.security.SecureRandom random)
            throws SSLException {
        SSLContext context = newContext();
        try {
            context.init(keys, trust, random);
        } catch (GeneralSecurityException e) {
            throw new SSLException("the TLS context does not start", e);
        }
        return context;
    }

    void configure(SSLEngine engine) {
        if (kind == TlsProvider.CONSCRYPT) {
            ConscryptAccess.configure(engine);
        }
    }

    byte[] export(SSLEngine engine, String label, int length) throws SSLException {
        Exporter by = exporter;
        if (by == null) {
            throw new AttestedTlsException(Reason.EXPORTER_UNAVAILABLE, kind + " has no exporter");
        }
        return by.export(engine, label, length);
    }
}
