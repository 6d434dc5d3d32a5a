package io.ebridge.samples.benchmarks.ratls;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.ratls.TlsProvider;
import io.ebridge.ratls.certificate.CertificateProfile;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** TLS 1.3 as it is without attestation: a context for all connections. Engines that know no peer's name resume no session. */
final class Plain implements AutoCloseable {
    private final SslContext nettyClient;
    private final SslContext nettyServer;
    private final SSLContext client;
    private final SSLContext server;

    Plain(TlsProvider provider) throws Exception {
        var issued = CertificateProfile.ebridge()
                .issue(
                        new CertificateProfile.Content(
                                "bench.example",
                                List.of("bench.example"),
                                Bytes.of(new byte[32]),
                                Map.of(),
                                Duration.ofHours(1)),
                        new HandshakeBenchmark.AtHand(Evidence.of(EvidenceFormat.NITRO, new byte[] {1})),
                        Instant.now(),
                        new SecureRandom());
        TrustManager[] trust = trusting(issued.chain().get(0));
        if (provider == TlsProvider.TCNATIVE) {
            nettyClient = tls13(SslContextBuilder.forClient().endpointIdentificationAlgorithm(null), trust);
            nettyServer = tls13(
                    SslContextBuilder.forServer(
                            issued.keys().getPrivate(), issued.chain().toArray(X509Certificate[]::new)),
                    trust);
            client = null;
            server = null;
        } else {
            boolean conscrypt = provider == TlsProvider.CONSCRYPT
                    || provider == TlsProvider.AUTO && Runtime.version().feature() < 25;
            Provider tls = conscrypt ? org.conscrypt.Conscrypt.newProvider() : Security.getProvider("SunJSSE");
            client = SSLContext.getInstance("TLSv1.3", tls);
            client.init(null, trust, null);
            server = SSLContext.getInstance("TLSv1.3", tls);
            server.init(keys(issued.keys().getPrivate(), issued.chain()), trust, null);
            nettyClient = null;
            nettyServer = null;
        }
    }

    private static SslContext tls13(SslContextBuilder builder, TrustManager[] trust) throws SSLException {
        return builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                .protocols("TLSv1.3")
                .trustManager(trust[0])
                .build();
    }

    private static KeyManager[] keys(PrivateKey key, List<X509Certificate> chain) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("leaf", key, new char[0], chain.toArray(Certificate[]::new));
        // The one that decrypts the key once; PKIX's does so for every handshake, which costs more than the
        // handshake.
        KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    private static TrustManager[] trusting(X509Certificate leaf) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("leaf", leaf);
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trusted);
        return factory.getTrustManagers();
    }

    SSLEngine engine(boolean isClient) {
        if (nettyClient != null) {
            return (isClient ? nettyClient : nettyServer).newEngine(ByteBufAllocator.DEFAULT);
        }
        SSLEngine engine = (isClient ? client : server).createSSLEngine();
        engine.setUseClientMode(isClient);
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        return engine;
    }

    @Override
    public void close() {
        ReferenceCountUtil.release(nettyClient);
        ReferenceCountUtil.release(nettyServer);
    }
}
