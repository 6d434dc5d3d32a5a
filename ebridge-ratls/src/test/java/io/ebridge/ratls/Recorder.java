package io.ebridge.ratls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A proxy that keeps every byte of both directions. */
final class Recorder {

    private final Rig rig;
    private final ByteArrayOutputStream recording = new ByteArrayOutputStream();

    Recorder(Rig rig) {
        this.rig = rig;
    }

    /** Starts one for one connection; where it listens. */
    int before(int target) throws IOException {
        ServerSocket listener = rig.keep(new ServerSocket(0, 5, InetAddress.getLoopbackAddress()));
        rig.threads.execute(() -> {
            try {
                Socket client = rig.keep(listener.accept());
                Socket server = rig.keep(new Socket(InetAddress.getLoopbackAddress(), target));
                rig.threads.execute(() -> copy(client, server));
                copy(server, client);
            } catch (IOException e) {
                rig.outcomes.add(e);
            }
        });
        return listener.getLocalPort();
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try {
            for (int n = from.getInputStream().read(buffer);
                    n >= 0;
                    n = from.getInputStream().read(buffer)) {
                synchronized (recording) {
                    recording.write(buffer, 0, n);
                }
                to.getOutputStream().write(buffer, 0, n);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            rig.outcomes.add(e);
        }
    }

    byte[] bytes() {
        synchronized (recording) {
            return recording.toByteArray();
        }
    }

    static boolean contains(byte[] in, byte[] what) {
        return new String(in, StandardCharsets.ISO_8859_1).contains(new String(what, StandardCharsets.ISO_8859_1));
    }
}
