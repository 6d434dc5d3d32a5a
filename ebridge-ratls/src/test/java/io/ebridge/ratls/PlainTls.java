package io.ebridge.ratls;

import io.ebridge.ratls.tls.Leaf;
import io.ebridge.ratls.tls.LeafCertificates;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x500.X500Name;

/** What an attacker has: the JDK's TLS without any scruples. */
final class PlainTls {

    /** Trusts everything and counts how often it was asked. */
    static final class Gullible extends X509ExtendedTrustManager {
        final AtomicInteger asked = new AtomicInteger();

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            asked.incrementAndGet();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            asked.incrementAndGet();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            asked.incrementAndGet();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            asked.incrementAndGet();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            asked.incrementAndGet();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            asked.incrementAndGet();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private PlainTls() {}

    static Leaf leaf(String name) throws Exception {
        return leaf("attacker", name, Map.of());
    }

    /** A leaf that signs itself, valid now, with these extensions beside the usual ones. */
    static Leaf leaf(String subject, String name, Map<String, byte[]> extensions) throws Exception {
        SecureRandom random = new SecureRandom();
        KeyPair keys = LeafCertificates.newKeys(random);
        Instant now = Instant.now();
        return new Leaf(
                keys.getPrivate(),
                List.of(LeafCertificates.build(
                        new LeafCertificates.Spec(
                                new X500Name("CN=" + subject),
                                null,
                                List.of(name),
                                now.minus(Duration.ofHours(1)),
                                now.plus(Duration.ofHours(1)),
                                extensions),
                        keys,
                        random)));
    }

    static SSLContext context(Leaf leaf, Gullible trust) throws Exception {
        KeyManager[] keys = null;
        if (leaf != null) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("leaf", leaf.key(), new char[0], leaf.chain().toArray(Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(store, new char[0]);
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {trust}, null);
        return context;
    }

    static SSLSocket connect(int port) throws Exception {
        return connect(port, null);
    }

    static SSLSocket connect(int port, Leaf own) throws Exception {
        SSLSocket socket =
                (SSLSocket) context(own, new Gullible()).getSocketFactory().createSocket("localhost", port);
        socket.setEnabledProtocols(new String[] {"TLSv1.3"});
        socket.setSoTimeout(15_000);
        return socket;
    }

    static SSLServerSocket listen(Leaf leaf) throws Exception {
        SSLServerSocket listener = (SSLServerSocket) context(leaf, new Gullible())
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        return listener;
    }

    /** A frame as it is on the wire. */
    record RawFrame(int type, byte[] payload) {
        byte[] encode() {
            byte[] frame = new byte[4 + payload.length];
            frame[0] = (byte) type;
            frame[1] = (byte) (payload.length >>> 16);
            frame[2] = (byte) (payload.length >>> 8);
            frame[3] = (byte) payload.length;
            System.arraycopy(payload, 0, frame, 4, payload.length);
            return frame;
        }

        static RawFrame read(java.io.InputStream in) throws IOException {
            DataInputStream data = new DataInputStream(in);
            int type = data.readUnsignedByte();
            int length = data.readUnsignedByte() << 16 | data.readUnsignedShort();
            byte[] payload = new byte[length];
            data.readFully(payload);
            return new RawFrame(type, payload);
        }
    }
}
