package io.ebridge.samples.benchmarks.relay;

import io.ebridge.samples.support.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Starts the relay pairs, TCP to Unix socket to TCP: ours, and those of the peers that are installed. */
final class Relays implements AutoCloseable {
    /** A running pair: where to connect, and whose processor time it costs. */
    record Relay(String name, int port, List<Long> pids) {}

    private final Path directory;
    private final int target;
    private final List<AutoCloseable> running = new ArrayList<>();

    Relays(Path directory, int target) {
        this.directory = directory;
        this.target = target;
    }

    Relay direct() {
        return new Relay("direct TCP", target, List.of());
    }

    Relay ebridge() throws Exception {
        int port = freePort();
        String socket = directory.resolve("ebridge").toString();
        ChildJvm host = started(
                ChildJvm.start("host   ", RelaySide.class, List.of("host", socket, Integer.toString(port)), Map.of()));
        ChildJvm enclave = started(ChildJvm.start(
                "enclave", RelaySide.class, List.of("enclave", socket, Integer.toString(target)), Map.of()));
        host.awaitLine("ready", "ready"::equals, Duration.ofMinutes(1));
        enclave.awaitLine("ready", "ready"::equals, Duration.ofMinutes(1));
        awaitPort(port);
        return new Relay("ebridge", port, List.of(host.pid(), enclave.pid()));
    }

    Relay socat() throws IOException {
        int port = freePort();
        String socket = directory.resolve("socat").toString();
        long a = run("socat", "UNIX-LISTEN:" + socket + ",fork,backlog=1024", "TCP:127.0.0.1:" + target + ",nodelay");
        long b = run(
                "socat",
                "TCP-LISTEN:" + port + ",bind=127.0.0.1,fork,reuseaddr,backlog=1024,nodelay",
                "UNIX-CONNECT:" + socket);
        awaitPort(port);
        return new Relay("socat", port, List.of(a, b));
    }

    Relay haproxy(boolean splice) throws IOException {
        int port = freePort();
        String name = splice ? "haproxy splice" : "haproxy copy";
        String id = splice ? "hs" : "hc";
        Path socket = directory.resolve(id);
        String common =
                """
                global
                  nbthread 1
                  maxconn 4000
                defaults
                  mode tcp
                  timeout connect 10s
                  timeout client 5m
                  timeout server 5m
                %s
                """
                        .formatted(splice ? "  option splice-request\n  option splice-response" : "");
        Path inner = Files.writeString(
                directory.resolve(id + "-b.cfg"),
                common + "listen b\n  bind unix@" + socket + "\n  server s 127.0.0.1:" + target + "\n");
        Path outer = Files.writeString(
                directory.resolve(id + "-a.cfg"),
                common + "listen a\n  bind 127.0.0.1:" + port + "\n  server s unix@" + socket + "\n");
        String[] options = splice ? new String[] {"-db", "-f"} : new String[] {"-db", "-dS", "-f"};
        long b = run(concat("haproxy", options, inner.toString()));
        long a = run(concat("haproxy", options, outer.toString()));
        awaitPort(port);
        return new Relay(name, port, List.of(a, b));
    }

    Relay nginx(String buffer) throws IOException {
        int port = freePort();
        String id = "nginx" + buffer;
        Path socket = directory.resolve(id);
        long b = run("nginx", "-c", nginxConfig(id + "-b", "unix:" + socket, "127.0.0.1:" + target, buffer));
        long a = run("nginx", "-c", nginxConfig(id + "-a", "127.0.0.1:" + port, "unix:" + socket, buffer));
        awaitPort(port);
        return new Relay("nginx " + buffer, port, List.of(a, b));
    }

    private String nginxConfig(String id, String listen, String to, String buffer) throws IOException {
        String load = Files.exists(Path.of("/usr/lib/nginx/modules/ngx_stream_module.so"))
                ? "load_module /usr/lib/nginx/modules/ngx_stream_module.so;"
                : "";
        return Files.writeString(
                        directory.resolve(id + ".conf"),
                        """
                        %s
                        daemon off;
                        user root;
                        worker_processes 1;
                        pid %s;
                        error_log /dev/null crit;
                        events { worker_connections 4000; }
                        stream {
                          proxy_buffer_size %s;
                          server { listen %s; proxy_pass %s; tcp_nodelay on; }
                        }
                        """
                                .formatted(load, directory.resolve(id + ".pid"), buffer, listen, to))
                .toString();
    }

    private static String[] concat(String first, String[] middle, String last) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(middle));
        all.add(last);
        return all.toArray(String[]::new);
    }

    static boolean installed(String program) {
        for (String folder : (System.getenv("PATH") + ":/usr/sbin:/sbin").split(":")) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    private long run(String... command) throws IOException {
        Path log = directory.resolve(command[0] + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
        Process process = builder.start();
        running.add(() -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        });
        return process.pid();
    }

    private ChildJvm started(ChildJvm child) {
        running.add(child);
        return child;
    }

    private static void awaitPort(int port) throws IOException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("nothing listens at " + port, e);
                }
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : running) {
            each.close();
        }
        try (var files = Files.walk(directory)) {
            files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
