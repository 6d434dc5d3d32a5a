package io.ebridge.kv.postgres;

import io.ebridge.kv.Servers;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** A PostgreSQL server of a test's own. */
public final class PostgresServer implements AutoCloseable {

    private final Path directory;
    private final String bin;
    private final int port;
    private Process process;

    private PostgresServer(Path directory, String bin, int port) {
        this.directory = directory;
        this.bin = bin;
        this.port = port;
    }

    /** Starts one, or skips the test if PostgreSQL is not installed. */
    public static PostgresServer start() throws Exception {
        String bin = null;
        Path versions = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(versions)) {
            try (var list = Files.list(versions)) {
                bin = list.map(v -> v.resolve("bin").toString())
                        .sorted()
                        .reduce((a, b) -> b)
                        .orElse(null);
            }
        }
        Servers.program((bin == null ? "/usr/lib/postgresql" : bin) + "/initdb");
        Path directory = Servers.openDirectory("postgres");
        Servers.own("postgres", directory);
        PostgresServer server = new PostgresServer(directory, bin, Servers.freePort());
        Servers.run(
                Path.of("/tmp"),
                Servers.as(
                        "postgres",
                        bin + "/initdb",
                        "-D",
                        directory.resolve("data").toString(),
                        "-A",
                        "trust",
                        "-U",
                        "ebridge",
                        "-E",
                        "UTF8",
                        "--no-locale",
                        "--no-sync"));
        server.launch();
        return server;
    }

    public void launch() throws Exception {
        List<String> command = Servers.as(
                "postgres",
                bin + "/postgres",
                "-D",
                directory.resolve("data").toString(),
                "-p",
                String.valueOf(port),
                "-h",
                "127.0.0.1",
                "-k",
                directory.toString(),
                "-c",
                "shared_buffers=16MB",
                "-c",
                "max_connections=20");
        process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                DriverManager.getConnection(url(), "ebridge", "").close();
                return;
            } catch (SQLException e) {
                if (System.nanoTime() - deadline > 0 || !process.isAlive()) {
                    throw new IOException("PostgreSQL does not start", e);
                }
                new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** A data source with a pool that keeps connections until they break. */
    public DataSource dataSource() {
        String url = url();
        Deque<Connection> idle = new ConcurrentLinkedDeque<>();
        return proxy(DataSource.class, (method, arguments) -> {
            if (!method.getName().equals("getConnection")) {
                throw new UnsupportedOperationException(method.getName());
            }
            Connection pooled = idle.poll();
            Connection real =
                    pooled != null && !pooled.isClosed() ? pooled : DriverManager.getConnection(url, "ebridge", "");
            return proxy(Connection.class, (m, a) -> {
                if (m.getName().equals("close")) {
                    if (!real.isClosed()) {
                        idle.push(real);
                    }
                    return null;
                }
                return m.invoke(real, a);
            });
        });
    }

    private String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?connectTimeout=5&socketTimeout=20";
    }

    private interface Call {
        Object on(Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(
                PostgresServer.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return call.on(method, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    /** Ends it at once without a checkpoint, as a crash would; what was committed with sync is in its log. */
    public void crash() throws Exception {
        Servers.run(Path.of("/tmp"), List.of("kill", "-QUIT", String.valueOf(process.pid())));
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new IOException("PostgreSQL does not end");
        }
    }

    @Override
    public void close() throws Exception {
        if (process.isAlive()) {
            crash();
        }
        Servers.delete(directory);
    }
}
