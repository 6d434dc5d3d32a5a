package io.ebridge.kv;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts programs for tests: as an unprivileged user when this is root, on free loopback ports, and ends only what it started. */
public final class Servers {

    private Servers() {}

    public static int freePort() throws IOException {
        try (ServerSocket s = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return s.getLocalPort();
        }
    }

    public static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** The first of these that can be run; the test is skipped if there is none. */
    public static String program(String... candidates) {
        for (String candidate : candidates) {
            if (Files.isExecutable(Path.of(candidate))) {
                return candidate;
            }
        }
        assumeTrue(false, "skipped: not installed: " + candidates[0]);
        throw new AssertionError();
    }

    /** A command line that runs as another user if this is root. */
    public static List<String> as(String user, String... command) {
        List<String> all = new ArrayList<>();
        if (root()) {
            all.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + group(user), "--clear-groups", "--"));
        }
        all.addAll(Arrays.asList(command));
        return all;
    }

    private static String group(String user) {
        try {
            Process p = new ProcessBuilder("id", "-g", user).start();
            String group = new String(p.getInputStream().readAllBytes()).strip();
            return p.waitFor(10, TimeUnit.SECONDS) && !group.isEmpty() ? group : user;
        } catch (IOException e) {
            return user;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return user;
        }
    }

    public static void own(String user, Path directory) throws IOException, InterruptedException {
        if (root()) {
            run(directory, List.of("chown", "-R", user + ":", directory.toString()));
        }
    }

    public static void run(Path directory, List<String> command) throws IOException, InterruptedException {
        File log = File.createTempFile("run", ".log");
        Process p = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        boolean ended = p.waitFor(60, TimeUnit.SECONDS);
        String output = Files.readString(log.toPath());
        Files.delete(log.toPath());
        if (!ended) {
            p.destroyForcibly();
            throw new IOException(command + " does not end: " + output);
        }
        if (p.exitValue() != 0) {
            throw new IOException(command + " failed: " + output);
        }
    }

    /** A directory that another user can reach. */
    public static Path openDirectory(String name) throws IOException {
        Path directory = Files.createTempDirectory("ebridge-" + name);
        return directory;
    }

    public static void delete(Path directory) throws IOException {
        try (var all = Files.walk(directory)) {
            for (Path p : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(p);
            }
        }
    }

    /** The command of this JVM with this test's class path or module path, to run a class of the tests. */
    public static List<String> java(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx256m"));
        List<String> path = new ArrayList<>();
        for (String property : List.of("java.class.path", "jdk.module.path", "surefire.test.class.path")) {
            String value = System.getProperty(property);
            if (value != null && !value.isEmpty()) {
                path.add(value);
            }
        }
        // Under the module path the tests are patched into the module: their directory is on no path.
        path.add(location(main));
        path.add(location(SealedStore.class));
        command.addAll(List.of("-cp", String.join(File.pathSeparator, path), main.getName()));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private static String location(Class<?> type) {
        var url = type.getResource("/" + type.getName().replace('.', '/') + ".class");
        String text = url.toString();
        if (text.startsWith("file:")) {
            return text.substring(5, text.length() - type.getName().length() - ".class".length());
        }
        return Path.of("target", "classes").toAbsolutePath()
                + File.pathSeparator
                + Path.of("target", "test-classes").toAbsolutePath();
    }
}
