package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.TlsProvider;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** A TLS implementation: where its engines come from, and its exporter if it has one. */
public abstract class TlsStack {

    private final TlsProvider kind;
    private final @Nullable Exporter exporter;
    private final SeenCertificates seen = new SeenCertificates();

    TlsStack(TlsProvider kind, @Nullable Exporter exporter) {
        this.kind = kind;
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
            case TCNATIVE -> tcnative(exporting);
            case AUTO -> !exporting || Exporter.ofJdk() != null ? jsse(exporting) : other();
        };
    }

    /** What Java 17 may have beside its own, the one with an API for it first. */
    private static TlsStack other() throws AttestedTlsException {
        AttestedTlsException first;
        try {
            return conscrypt();
        } catch (AttestedTlsException e) {
            first = e;
        }
        try {
            return tcnative(true);
        } catch (AttestedTlsException e) {
            e.addSuppressed(first);
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE,
                    "STRICT mode needs TLS exporters: run on Java 25, or add org.conscrypt:conscrypt-openjdk-uber (this is Java "
                            + Runtime.version().feature() + "; " + first.getMessage() + "; " + e.getMessage() + ")",
                    e);
        }
    }

    private static TlsStack jsse(boolean exporting) throws AttestedTlsException {
        Exporter exporter = Exporter.ofJdk();
        if (exporting && exporter == null) {
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE,
                    "the JSSE of Java " + Runtime.version().feature()
                            + " has no TLS exporter (Java 25 has), so STRICT mode cannot work with it; it does not fall back");
        }
        return new OfProvider(TlsProvider.JSSE, Security.getProvider("SunJSSE"), exporter);
    }

    private static TlsStack conscrypt() throws AttestedTlsException {
        try {
            return new OfProvider(TlsProvider.CONSCRYPT, ConscryptAccess.provider(), ConscryptAccess::export);
        } catch (LinkageError | RuntimeException e) {
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE,
                    "Conscrypt is not on the class path or among the resolved modules (requires or --add-modules org.conscrypt), or has no native library here",
                    e);
        }
    }

    private static TlsStack tcnative(boolean exporting) throws AttestedTlsException {
        try {
            return TcnativeStack.of(exporting);
        } catch (LinkageError e) {
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE,
                    "Netty's BoringSSL is not at hand: io.netty:netty-handler and io.netty:netty-tcnative-classes must be on the class path or among the"
                            + " resolved modules (--add-modules io.netty.handler,io.netty.tcnative.classes.openssl): "
                            + e,
                    e);
        }
    }

    public final TlsProvider kind() {
        return kind;
    }

    /** Whether {@link #export} works. */
    final boolean exports() {
        return exporter != null;
    }

    /** What its engines have shown and been shown. */
    final SeenCertificates seen() {
        return seen;
    }

    /**
     * An engine for one connection, with nothing in which a session to resume could be found.
     *
     * @param leaf what to show; null for nothing
     */
    abstract SSLEngine newEngine(boolean client, @Nullable Leaf leaf, PeerTrust trust, SecureRandom random)
            throws SSLException;

    /** The worst client there is: one cache for all its engines, which all dial the same host and port. */
    abstract ResumingClient resumingClient(PeerTrust trust, SecureRandom random, String host, int port)
            throws SSLException;

    /** Makes engines that may resume each other's sessions. */
    interface ResumingClient extends AutoCloseable {

        SSLEngine next();

        @Override
        default void close() {}
    }

    /** What its engines take, given what its template says. */
    SSLParameters parameters(SSLParameters ofTemplate) {
        return ofTemplate;
    }

    /** Has a client's engine say whom it dials. */
    void serverName(SSLEngine engine, SNIHostName name) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(name));
        engine.setSSLParameters(parameters);
    }

    /** Frees what an engine holds outside the heap, once it is done with. */
    void release(SSLEngine engine) {}

    /** A context that trusts nobody, for what a context has to say besides its engines. */
    abstract SSLContext template(SecureRandom random) throws SSLException;

    final byte[] export(SSLEngine engine, String label, int length) throws SSLException {
        Exporter by = exporter;
        if (by == null) {
            throw new AttestedTlsException(Reason.EXPORTER_UNAVAILABLE, kind + " has no exporter");
        }
        return by.export(engine, label, length);
    }

    /** One that comes as a security provider. */
    private static final class OfProvider extends TlsStack {

        private final @Nullable Provider provider;
        /** Of the leaf that was shown last, which most often is shown next. */
        private volatile @Nullable Keys keys;

        /** Refuses clients' chains, which are never asked for: so that it serves all connections of one that does not demand them. */
        private record Keys(Leaf of, FixedKeyManager manager, @Nullable SSLContext shared) {}

        OfProvider(TlsProvider kind, @Nullable Provider provider, @Nullable Exporter exporter) {
            super(kind, exporter);
            this.provider = provider;
        }

        private Keys keys(Leaf leaf) throws SSLException {
            Keys known = keys;
            if (known == null || known.of != leaf) {
                known = kind() == TlsProvider.CONSCRYPT
                        ? withContext(leaf, new FixedKeyManager(ConscryptAccess.own(leaf)))
                        : new Keys(leaf, new FixedKeyManager(leaf), null);
                keys = known;
            }
            return known;
        }

        private Keys withContext(Leaf leaf, FixedKeyManager manager) throws SSLException {
            return new Keys(leaf, manager, context(manager, PeerTrust.refusing(), null));
        }

        /** One for all connections where the engine can be told to give no tickets, without which nothing is resumed in TLS 1.3; else one for each. */
        private SSLContext serverContext(Leaf leaf, PeerTrust trust, SecureRandom random) throws SSLException {
            Keys known = keys(leaf);
            SSLContext shared = known.shared;
            return shared != null && trust.refusesAll() ? shared : context(known.manager, trust, random);
        }

        private SSLContext context(@Nullable FixedKeyManager manager, PeerTrust trust, @Nullable SecureRandom random)
                throws SSLException {
            try {
                SSLContext context = provider == null
                        ? SSLContext.getInstance("TLSv1.3")
                        : SSLContext.getInstance("TLSv1.3", provider);
                context.init(manager == null ? null : new KeyManager[] {manager}, new TrustManager[] {trust}, random);
                return context;
            } catch (NoSuchAlgorithmException e) {
                throw new SSLException("no TLS 1.3 here", e);
            } catch (GeneralSecurityException e) {
                throw new SSLException("the TLS context does not start", e);
            }
        }

        @Override
        SSLEngine newEngine(boolean client, @Nullable Leaf leaf, PeerTrust trust, SecureRandom random)
                throws SSLException {
            // Neither host nor port, and a context of its own unless the engine gives no tickets: nothing can be
            // resumed.
            SSLContext context = client || leaf == null
                    ? context(leaf == null ? null : keys(leaf).manager, trust, random)
                    : serverContext(leaf, trust, random);
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(client);
            if (kind() == TlsProvider.CONSCRYPT) {
                ConscryptAccess.configure(engine);
            }
            engine.setEnabledProtocols(new String[] {DelegatingEngine.TLS13});
            return engine;
        }

        @Override
        void serverName(SSLEngine engine, SNIHostName name) {
            if (kind() == TlsProvider.CONSCRYPT) {
                // The same without a copy of all parameters.
                ConscryptAccess.serverName(engine, name.getAsciiName());
            } else {
                super.serverName(engine, name);
            }
        }

        @Override
        ResumingClient resumingClient(PeerTrust trust, SecureRandom random, String host, int port) throws SSLException {
            SSLContext context = context(null, trust, random);
            return () -> {
                SSLEngine engine = context.createSSLEngine(host, port);
                engine.setUseClientMode(true);
                engine.setEnabledProtocols(new String[] {DelegatingEngine.TLS13});
                return engine;
            };
        }

        @Override
        SSLContext template(SecureRandom random) throws SSLException {
            return context(null, PeerTrust.refusing(), random);
        }
    }
}
