package io.ebridge.ratls.tls;

import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Makes engines and sockets that attest by themselves. */
public final class AttestedContextSpi extends SSLContextSpi {

    private final Settings settings;
    private final SSLContext template;

    private AttestedContextSpi(Settings settings) throws SSLException {
        this.settings = settings;
        this.template = settings.stack().template(settings.random());
    }

    private static final class Context extends SSLContext {
        Context(AttestedContextSpi spi, java.security.Provider provider) {
            super(spi, provider, "TLSv1.3");
        }
    }

    /** A context that needs no initialisation. */
    public static SSLContext context(Settings settings) throws SSLException {
        AttestedContextSpi spi = new AttestedContextSpi(settings);
        return new Context(spi, spi.template.getProvider());
    }

    /** How long the handshake of an engine of such a context may take. */
    public static Duration timeout(SSLEngine engine) {
        if (engine instanceof AttestedEngine attested) {
            return attested.timing().exchange();
        }
        throw new IllegalArgumentException("not an engine of an attested context");
    }

    /** Frees what an engine of such a context holds outside the heap; it is closed then, if it was not. */
    public static void release(SSLEngine engine) {
        if (engine instanceof AttestedEngine ours) {
            ours.release();
        }
    }

    AttestedEngine engine(@Nullable String host, int port) throws SSLException {
        return new AttestedEngine(settings, host, port);
    }

    @Override
    protected void engineInit(
            KeyManager @Nullable [] keys, TrustManager @Nullable [] trust, @Nullable SecureRandom random)
            throws KeyManagementException {
        throw new KeyManagementException("an attested context is complete and takes no other managers");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        return new AttestedSocketFactory(this);
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        return new AttestedServerSocketFactory(this);
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return engineCreateSSLEngine(null, -1);
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(@Nullable String host, int port) {
        try {
            return engine(host, port);
        } catch (SSLException e) {
            throw new IllegalStateException("no engine: " + e.getMessage(), e);
        }
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return template.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return template.getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
        return parameters(template.getDefaultSSLParameters());
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
        return parameters(template.getSupportedSSLParameters());
    }

    private SSLParameters parameters(SSLParameters ofTemplate) {
        SSLParameters parameters = settings.stack().parameters(ofTemplate);
        parameters.setProtocols(new String[] {DelegatingEngine.TLS13});
        return parameters;
    }

    String[] cipherSuites() {
        return engineGetDefaultSSLParameters().getCipherSuites();
    }
}
