package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.TlsProvider;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.KeyManagerFactoryWrapper;
import io.netty.internal.tcnative.KeyLogCallback;
import io.netty.internal.tcnative.SSL;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * BoringSSL through Netty's tcnative; loaded only where that is on the path.
 *
 * <p>The key log is switched on by a pointer to tcnative's own structure, which Netty keeps in a field and does not give away. What it does give away,
 * {@code sslCtxPointer()}, points to BoringSSL's structure: native code that is handed the one for the other kills the process. So the field's value is
 * used only while the context is held, and only after it has been seen to differ from the other and to lead to it.
 */
final class TcnativeStack extends TlsStack {

    static final List<String> SUITES =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private static final Cleaner CLEANER = Cleaner.create();

    private final @Nullable Field pointer;
    private final TcnativeServer server = new TcnativeServer();

    private TcnativeStack(@Nullable Field pointer) {
        super(
                TlsProvider.TCNATIVE,
                pointer == null
                        ? null
                        : (engine, label, length) -> {
                            if (engine instanceof TcnativeEngine ours) {
                                return ours.export(label, length);
                            }
                            throw new SSLException("not an engine of this stack");
                        });
        this.pointer = pointer;
        CLEANER.register(this, server::release);
    }

    /**
     * Finds out whether it is usable.
     *
     * @throws LinkageError if Netty or tcnative's classes are not there
     */
    static TcnativeStack of(boolean exporting) throws AttestedTlsException {
        // Named first, so that their absence is told apart from that of the library.
        java.util.Objects.requireNonNull(SSL.class);
        if (!OpenSsl.isAvailable()) {
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE,
                    "no native library for Netty's BoringSSL on " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch")
                            + ": io.netty:netty-tcnative-boringssl-static with the platform's classifier must be on the class path or among the"
                            + " resolved modules (--add-modules io.netty.internal.tcnative.openssl.linux.x86_64, say): "
                            + OpenSsl.unavailabilityCause(),
                    OpenSsl.unavailabilityCause());
        }
        if (!"BoringSSL".equals(OpenSsl.versionString())
                || !SslProvider.isTlsv13Supported(SslProvider.OPENSSL_REFCNT)) {
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE,
                    "Netty found " + OpenSsl.versionString()
                            + ", not BoringSSL with TLS 1.3: put io.netty:netty-tcnative-boringssl-static on the path instead");
        }
        TcnativeStack stack = new TcnativeStack(exporting ? pointer() : null);
        stack.probe();
        return stack;
    }

    private static Field pointer() throws AttestedTlsException {
        try {
            Field field = ReferenceCountedOpenSslContext.class.getDeclaredField("ctx");
            if (field.getType() != long.class) {
                throw new NoSuchFieldException("ctx is no long");
            }
            field.setAccessible(true);
            return field;
        } catch (InaccessibleObjectException e) {
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE,
                    "the key log of Netty's BoringSSL cannot be reached on the module path without --add-opens "
                            + ReferenceCountedOpenSslContext.class.getModule().getName() + "/"
                            + ReferenceCountedOpenSslContext.class.getPackageName() + "="
                            + target(TcnativeStack.class.getModule()),
                    e);
        } catch (NoSuchFieldException e) {
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE,
                    "this version of Netty keeps its native context elsewhere than the versions known here, which are 4.1 and 4.2",
                    e);
        }
    }

    private static String target(Module module) {
        return module.isNamed() ? module.getName() : "ALL-UNNAMED";
    }

    /** Once with a context that nobody uses, so that what cannot work shows before a connection does. */
    private void probe() throws AttestedTlsException {
        try {
            ReferenceCountedOpenSslContext context = (ReferenceCountedOpenSslContext)
                    builder(true, null, PeerTrust.refusing()).build();
            try {
                if (pointer != null) {
                    watch(context, new KeyLog());
                }
            } finally {
                context.release();
            }
        } catch (SSLException e) {
            throw new AttestedTlsException(
                    Reason.EXPORTER_UNAVAILABLE, "Netty's BoringSSL does not start: " + e.getMessage(), e);
        }
    }

    private static SslContextBuilder builder(boolean client, @Nullable Leaf leaf, TrustManager trust) {
        // Reads key and chain once for each context.
        KeyManagerFactory keys = leaf == null
                ? null
                : new OpenSslCachingX509KeyManagerFactory(new KeyManagerFactoryWrapper(new FixedKeyManager(leaf)));
        SslContextBuilder builder;
        if (client) {
            builder = SslContextBuilder.forClient();
            if (keys != null) {
                builder.keyManager(keys);
            }
        } else if (keys != null) {
            builder = SslContextBuilder.forServer(keys);
        } else {
            throw new IllegalArgumentException("a server needs a certificate");
        }
        // Names are checked by the trust manager.
        return builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                .protocols(DelegatingEngine.TLS13)
                .ciphers(SUITES)
                .endpointIdentificationAlgorithm(null)
                .option(OpenSslContextOption.USE_TASKS, true)
                .trustManager(trust);
    }

    private ReferenceCountedOpenSslContext context(
            SslContextBuilder builder, List<String> protocols, @Nullable KeyLogCallback log) throws SSLException {
        if (!protocols.isEmpty()) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    protocols));
        }
        ReferenceCountedOpenSslContext context = (ReferenceCountedOpenSslContext) builder.build();
        boolean done = false;
        try {
            context.sessionContext().setSessionCacheEnabled(false);
            if (log != null) {
                watch(context, log);
            }
            done = true;
            return context;
        } finally {
            if (!done) {
                context.release();
            }
        }
    }

    /** Makes the engine proper, as it was told to be before the handshake; its context lives as long as it does. */
    ReferenceCountedOpenSslEngine start(
            boolean client, @Nullable Leaf leaf, PeerTrust trust, SSLParameters wishes, @Nullable KeyLog log)
            throws SSLException {
        List<String> protocols = List.of(wishes.getApplicationProtocols());
        if (client || leaf == null || !trust.refusesAll()) {
            return start(context(builder(client, leaf, new TcnativeTrust(trust)), protocols, log), wishes);
        }
        TcnativeServer.Held held = server.hold(
                leaf,
                protocols,
                (shown, spoken, logs) ->
                        context(builder(false, shown, PeerTrust.refusing()), spoken, exports() ? logs : null));
        ReferenceCountedOpenSslEngine engine = start(held.context(), wishes);
        if (log != null) {
            held.logs().add(engine.sslPointer(), log);
        }
        return engine;
    }

    /** Takes over the caller's hold on the context. */
    private static ReferenceCountedOpenSslEngine start(ReferenceCountedOpenSslContext context, SSLParameters wishes)
            throws SSLException {
        try {
            ReferenceCountedOpenSslEngine engine =
                    (ReferenceCountedOpenSslEngine) context.newEngine(ByteBufAllocator.DEFAULT);
            boolean done = false;
            try {
                SSL.setOptions(engine.sslPointer(), SSL.SSL_OP_NO_TICKET);
                // Names, and whether clients must show a certificate; the context has the rest.
                wishes.setCipherSuites(null);
                wishes.setProtocols(null);
                engine.setSSLParameters(wishes);
                done = true;
                return engine;
            } catch (RuntimeException e) {
                throw new SSLException("the engine does not take its parameters: " + e.getMessage(), e);
            } finally {
                if (!done) {
                    engine.release();
                }
            }
        } finally {
            // The engine holds it from here on.
            context.release();
        }
    }

    private void watch(ReferenceCountedOpenSslContext context, KeyLogCallback log) throws AttestedTlsException {
        Field field = pointer;
        if (field == null) {
            throw new AttestedTlsException(Reason.EXPORTER_UNAVAILABLE, "chosen without an exporter");
        }
        long value;
        try {
            value = field.getLong(context);
        } catch (IllegalAccessException e) {
            throw new AttestedTlsException(Reason.EXPORTER_UNAVAILABLE, "the key log cannot be reached", e);
        }
        watch(context, value, log);
    }

    /**
     * Switches the key log on, before there is any connection, for good: it is never switched off under one.
     *
     * @param value what is taken for tcnative's structure
     * @throws AttestedTlsException if it is not, or if the context was freed
     */
    @SuppressWarnings("deprecation") // Only compared.
    static void watch(ReferenceCountedOpenSslContext context, long value, KeyLogCallback log)
            throws AttestedTlsException {
        if (context.refCnt() < 1) {
            throw new AttestedTlsException(Reason.EXPORTER_UNAVAILABLE, "the native context is gone");
        }
        context.retain();
        try {
            long library = context.sslCtxPointer();
            if (value == 0
                    || library == 0
                    || value == library
                    || io.netty.internal.tcnative.SSLContext.getSslCtx(value) != library) {
                throw new AttestedTlsException(
                        Reason.EXPORTER_UNAVAILABLE,
                        "the native context is not where the versions of Netty known here keep it");
            }
            if (!io.netty.internal.tcnative.SSLContext.setKeyLogCallback(value, log)) {
                throw new AttestedTlsException(Reason.EXPORTER_UNAVAILABLE, "the native library keeps no key log");
            }
        } finally {
            context.release();
        }
    }

    @Override
    SSLEngine newEngine(boolean client, @Nullable Leaf leaf, PeerTrust trust, SecureRandom random) {
        return new TcnativeEngine(this, client, leaf, trust);
    }

    @Override
    ResumingClient resumingClient(PeerTrust trust, SecureRandom random, String host, int port) throws SSLException {
        ReferenceCountedOpenSslContext context =
                (ReferenceCountedOpenSslContext) builder(true, null, new TcnativeTrust(trust))
                        .sessionCacheSize(16)
                        .build();
        context.sessionContext().setSessionCacheEnabled(true);
        return new Careless(context, trust, host, port);
    }

    private static final class Careless implements ResumingClient {

        private final ReferenceCountedOpenSslContext context;
        /** Held here, since the context does not. */
        private final PeerTrust trust;

        private final String host;
        private final int port;
        private final List<ReferenceCountedOpenSslEngine> engines = new ArrayList<>();

        Careless(ReferenceCountedOpenSslContext context, PeerTrust trust, String host, int port) {
            this.context = context;
            this.trust = trust;
            this.host = host;
            this.port = port;
        }

        @Override
        public SSLEngine next() {
            ReferenceCountedOpenSslEngine engine =
                    (ReferenceCountedOpenSslEngine) context.newEngine(ByteBufAllocator.DEFAULT, host, port);
            engines.add(engine);
            return engine;
        }

        @Override
        public void close() {
            engines.forEach(ReferenceCountedOpenSslEngine::release);
            engines.clear();
            context.release();
            Reference.reachabilityFence(trust);
        }
    }

    private static final class Template {
        static final SSLContext CONTEXT;

        static {
            try {
                CONTEXT = SSLContext.getInstance("TLSv1.3", Security.getProvider("SunJSSE"));
                CONTEXT.init(null, new TrustManager[] {PeerTrust.refusing()}, null);
            } catch (GeneralSecurityException e) {
                throw new ExceptionInInitializerError(e);
            }
        }
    }

    /** The JDK's, for Netty has no context of that kind; its engines are not used. */
    @Override
    SSLContext template(SecureRandom random) {
        return Template.CONTEXT;
    }

    SSLSession unconnected() {
        return Template.CONTEXT.createSSLEngine().getSession();
    }

    SSLParameters parameters() {
        return new SSLParameters(SUITES.toArray(String[]::new), new String[] {DelegatingEngine.TLS13});
    }

    @Override
    SSLParameters parameters(SSLParameters ofTemplate) {
        return parameters();
    }

    @Override
    void release(SSLEngine engine) {
        if (engine instanceof TcnativeEngine ours) {
            ours.release();
        }
    }
}
