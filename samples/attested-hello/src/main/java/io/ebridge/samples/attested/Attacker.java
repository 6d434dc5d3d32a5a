package io.ebridge.samples.attested;

import io.ebridge.ratls.AttestedTls;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.ServiceIdentity;
import io.ebridge.testkit.attest.FakeNitro;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Everything between client and enclave, with TLS of its own on both sides and no scruples. */
final class Attacker implements AutoCloseable {
    private final ServiceIdentity identity;
    private final SSLServerSocket listener;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "attacker");
        thread.setDaemon(true);
        return thread;
    });

    /** What it does with a client. */
    interface Trick {
        void play(SSLSocket client) throws Exception;
    }

    private Attacker(Trick trick) throws IOException {
        // A key and a certificate with the right names; the evidence in it is of the attacker's own code.
        identity = ServiceIdentity.builder(
                        Variant.SERVICE,
                        FakeQuotingEnclave.of(FakeNitro.standard().image("the attacker's")))
                .hostName("localhost")
                .build();
        listener = (SSLServerSocket) AttestedTls.server(identity)
                .insecureCertificateMode()
                .sslContext()
                .getServerSocketFactory()
                .createServerSocket(0, 16, InetAddress.getLoopbackAddress());
        threads.execute(() -> {
            while (!listener.isClosed()) {
                try {
                    SSLSocket client = (SSLSocket) listener.accept();
                    threads.execute(() -> play(trick, client));
                } catch (IOException e) {
                    // Closed; or one victim less.
                    continue;
                }
            }
        });
    }

    private static void play(Trick trick, SSLSocket client) {
        try (client) {
            trick.play(client);
        } catch (Exception e) {
            System.out.println("attacker: " + e.getMessage());
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Speaks plain TLS and answers as a web server does. */
    static Attacker plain() throws IOException {
        return new Attacker(client -> {
            client.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes());
            client.getInputStream().readAllBytes();
        });
    }

    /** Passes on all that client and enclave say, and keeps what the enclave said. */
    static Attacker relay(int target, ByteArrayOutputStream recording) throws IOException {
        return new Attacker(client -> {
            try (SSLSocket enclave = connect(gullible(new AtomicInteger()), target)) {
                Thread back = new Thread(() -> copy(enclave, client, recording));
                back.setDaemon(true);
                back.start();
                copy(client, enclave, new ByteArrayOutputStream());
                back.join(1_000);
            }
        });
    }

    /** Answers with what an enclave once said to somebody else. */
    static Attacker replay(byte[] recorded) throws IOException {
        return new Attacker(client -> {
            byte[] challenge = new byte[1024];
            if (client.getInputStream().read(challenge) > 0) {
                client.getOutputStream().write(recorded);
            }
            client.getInputStream().readAllBytes();
        });
    }

    private static void copy(SSLSocket from, SSLSocket to, ByteArrayOutputStream recording) {
        byte[] buffer = new byte[32 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                recording.write(buffer, 0, n);
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // One side is gone, and so is the relay.
            recording.size();
        }
    }

    static SSLSocket connect(SSLContext context, int port) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port);
        socket.setEnabledProtocols(new String[] {"TLSv1.3"});
        return socket;
    }

    /** A client's context that trusts anybody, counts the certificates it is shown, and resumes what it can. */
    static SSLContext gullible(AtomicInteger shown) throws AttestedTlsException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Gullible(shown)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        identity.close();
        threads.shutdownNow();
    }

    private static final class Gullible extends X509ExtendedTrustManager {
        private final AtomicInteger shown;

        Gullible(AtomicInteger shown) {
            this.shown = shown;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            shown.incrementAndGet();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            shown.incrementAndGet();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            shown.incrementAndGet();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
