package io.ebridge.ratls;

import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Parties of a test: an enclave, identities and an echo server on the loopback. */
final class Rig implements AutoCloseable {

    static final FakeQuotingEnclave ENCLAVE = FakeQuotingEnclave.nitro();

    private final List<AutoCloseable> open = new java.util.concurrent.CopyOnWriteArrayList<>();
    final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "rig");
        thread.setDaemon(true);
        return thread;
    });
    /** What servers' connections ended with. */
    final LinkedBlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();

    /** The TLS implementations that have an exporter here. */
    static Stream<TlsProvider> providers() {
        Stream<TlsProvider> everywhere = Stream.of(TlsProvider.CONSCRYPT, TlsProvider.TCNATIVE)
                .filter(provider -> provider.strict().available());
        return Runtime.version().feature() >= 25 ? Stream.concat(Stream.of(TlsProvider.JSSE), everywhere) : everywhere;
    }

    /** All TLS implementations that are here, for CERTIFICATE mode. */
    static Stream<TlsProvider> certificateProviders() {
        return Stream.of(TlsProvider.JSSE, TlsProvider.CONSCRYPT, TlsProvider.TCNATIVE)
                .filter(Rig::starts);
    }

    private static boolean starts(TlsProvider provider) {
        try {
            return client(provider).insecureCertificateMode().sslContext() != null;
        } catch (AttestedTlsException e) {
            if (provider != TlsProvider.TCNATIVE || e.reason() != AttestedTlsException.Reason.EXPORTER_UNAVAILABLE) {
                throw new AssertionError(provider + " does not start", e);
            }
            return false;
        }
    }

    ServiceIdentity identity(String name) {
        return identity(name, ENCLAVE);
    }

    ServiceIdentity identity(String name, io.ebridge.attest.EvidenceProvider enclave) {
        return keep(ServiceIdentity.builder(name, enclave)
                .hostName("127.0.0.1")
                .configuration("app.config", "one".getBytes())
                .build());
    }

    <T extends AutoCloseable> T keep(T closeable) {
        open.add(closeable);
        return closeable;
    }

    static AttestedClient client(TlsProvider provider) {
        return client(provider, ENCLAVE);
    }

    static AttestedClient client(TlsProvider provider, FakeQuotingEnclave enclave) {
        return AttestedTls.client(enclave.policy()).verifier(enclave.verifier()).provider(provider);
    }

    /** Echoes lines, in upper case; reports the exception that a connection ends with, or the session's peer. */
    int echo(SSLContext server) throws IOException {
        ServerSocket listener =
                keep(server.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        threads.execute(() -> {
            while (!listener.isClosed()) {
                try {
                    Socket socket = listener.accept();
                    threads.execute(() -> serve((SSLSocket) socket));
                } catch (IOException e) {
                    if (!listener.isClosed()) {
                        outcomes.add(e);
                    }
                }
            }
        });
        return listener.getLocalPort();
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            socket.startHandshake();
            AttestedPeer.of(socket.getSession()).ifPresent(outcomes::add);
            byte[] buffer = new byte[64 * 1024];
            int n;
            while ((n = socket.getInputStream().read(buffer)) >= 0) {
                byte[] upper = new String(buffer, 0, n, java.nio.charset.StandardCharsets.ISO_8859_1)
                        .toUpperCase(java.util.Locale.ROOT)
                        .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
                socket.getOutputStream().write(upper);
            }
            outcomes.add("closed");
        } catch (IOException e) {
            outcomes.add(e);
        }
    }

    Object outcome() throws InterruptedException {
        Object outcome = outcomes.poll(15, TimeUnit.SECONDS);
        if (outcome == null) {
            throw new AssertionError("no outcome in time");
        }
        return outcome;
    }

    /** The next of them that is a failure of ours, whatever came before. */
    AttestedTlsException failure() throws InterruptedException {
        while (true) {
            if (outcome() instanceof Throwable thrown
                    && AttestedTlsException.in(thrown).isPresent()) {
                return AttestedTlsException.in(thrown).orElseThrow();
            }
        }
    }

    static String call(SSLSocket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes());
        byte[] answer = socket.getInputStream().readNBytes(text.length());
        return new String(answer);
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        threads.shutdownNow();
    }
}
