package io.ebridge.ratls;

import io.ebridge.ratls.PlainTls.RawFrame;
import io.ebridge.ratls.tls.Leaf;
import java.io.IOException;
import java.util.List;
import java.util.function.BiFunction;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A man in the middle: ends the client's TLS with a key of his, opens TLS of his own to the service, and carries the frames over, changed or not. */
final class Relay {

    enum Way {
        TO_SERVER,
        TO_CLIENT
    }

    private final Rig rig;
    private final Leaf own;
    private final int target;
    private final BiFunction<Way, RawFrame, List<RawFrame>> hook;

    private Relay(Rig rig, Leaf own, int target, BiFunction<Way, RawFrame, List<RawFrame>> hook) {
        this.rig = rig;
        this.own = own;
        this.target = target;
        this.hook = hook;
    }

    static int start(Rig rig, Leaf leaf, int target, BiFunction<Way, RawFrame, List<RawFrame>> hook) throws Exception {
        return start(rig, leaf, null, target, hook);
    }

    /** One that has a certificate for either side. */
    static int start(Rig rig, Leaf leaf, Leaf own, int target, BiFunction<Way, RawFrame, List<RawFrame>> hook)
            throws Exception {
        SSLServerSocket listener = rig.keep(PlainTls.listen(leaf));
        Relay relay = new Relay(rig, own, target, hook);
        rig.threads.execute(() -> {
            try {
                while (!listener.isClosed()) {
                    relay.carry((SSLSocket) listener.accept());
                }
            } catch (Exception e) {
                if (!listener.isClosed()) {
                    throw new IllegalStateException(e);
                }
            }
        });
        return listener.getLocalPort();
    }

    private void carry(SSLSocket client) throws Exception {
        rig.keep(client);
        SSLSocket server = rig.keep(PlainTls.connect(target, own));
        rig.threads.execute(() -> pump(client, server, Way.TO_SERVER));
        rig.threads.execute(() -> pump(server, client, Way.TO_CLIENT));
    }

    private void pump(SSLSocket from, SSLSocket to, Way way) {
        try {
            while (true) {
                for (RawFrame frame : hook.apply(way, RawFrame.read(from.getInputStream()))) {
                    to.getOutputStream().write(frame.encode());
                }
            }
        } catch (IOException e) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(SSLSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
