package io.ebridge.testkit.tunnel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A plain blocking TCP server on loopback, a thread per connection. */
final class TcpServer implements AutoCloseable {
    interface Handler {
        void serve(Socket socket) throws Exception;
    }

    final List<Throwable> failures = new CopyOnWriteArrayList<>();
    final List<Socket> accepted = new CopyOnWriteArrayList<>();
    private final ServerSocket server;
    private final Handler handler;

    TcpServer(Handler handler) throws IOException {
        this.server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        this.handler = handler;
        thread(this::acceptAll);
    }

    static TcpServer echo() throws IOException {
        return new TcpServer(socket -> {
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        });
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    int port() {
        return server.getLocalPort();
    }

    private void acceptAll() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                accepted.add(socket);
                thread(() -> {
                    try (socket) {
                        handler.serve(socket);
                    } catch (Exception e) {
                        failures.add(e);
                    } finally {
                        accepted.remove(socket);
                    }
                });
            } catch (IOException e) {
                if (!server.isClosed()) {
                    failures.add(e);
                }
            }
        }
    }

    private static void thread(Runnable task) {
        Thread thread = new Thread(task, "test-server");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : accepted) {
            socket.close();
        }
    }
}
