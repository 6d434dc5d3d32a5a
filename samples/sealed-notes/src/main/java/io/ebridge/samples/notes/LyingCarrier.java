package io.ebridge.samples.notes;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A host between the enclave and etcd, which may do to the bytes what it likes. */
final class LyingCarrier implements AutoCloseable {

    /** Opens a connection to where the host leads the enclave. */
    interface Destination {
        Socket connect() throws IOException;
    }

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Destination destination;
    private volatile int flipAfter = -1;

    LyingCarrier(Destination honest) throws IOException {
        destination = honest;
        threads.execute(this::accept);
    }

    /** The same etcd, through this host. */
    Anchor.Etcd carry(Anchor.Etcd etcd) {
        return new Anchor.Etcd(URI.create("https://127.0.0.1:" + listener.getLocalPort()), etcd.keys());
    }

    /** From now on leads elsewhere; connections that are open are cut. */
    void lead(Destination other) throws IOException {
        destination = other;
        cut();
    }

    /** From now on flips a bit in every answer after so many bytes; -1 for none. Connections that are open are cut. */
    void flipAfter(int bytes) throws IOException {
        flipAfter = bytes;
        cut();
    }

    private void cut() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket from = listener.accept();
                sockets.add(from);
                Socket to = destination.connect();
                sockets.add(to);
                threads.execute(() -> pump(from, to, false));
                threads.execute(() -> pump(to, from, true));
            } catch (IOException e) {
                System.getLogger("notes").log(System.Logger.Level.DEBUG, "a connection was not carried", e);
            }
        }
    }

    private void pump(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[4096];
        int total = 0;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                int at = flipAfter - total;
                if (answers && flipAfter >= 0 && at >= 0 && at < n) {
                    buffer[at] ^= 1;
                }
                total += n;
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            System.getLogger("notes").log(System.Logger.Level.DEBUG, "a connection was cut", e);
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
        threads.shutdownNow();
    }
}
