package io.ebridge.samples.support;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** Another JVM that runs a main class from the module path or class path of this one. Its lines are printed with its name in front. */
public final class ChildJvm implements AutoCloseable {
    private static final int LINES_KEPT = 2_000;

    private final String name;
    private final Process process;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final Deque<String> lines = new ArrayDeque<>();
    private final Thread reader;

    private ChildJvm(String name, Process process) {
        this.name = name;
        this.process = process;
        this.reader = new Thread(this::read, "output of " + name);
        this.reader.setDaemon(true);
        this.reader.start();
    }

    /**
     * Starts a JVM.
     *
     * @param name what to print in front of its lines
     * @param main the class to run
     * @param arguments its arguments
     * @param environment variables that it gets beside those of this process
     * @return the running process
     */
    public static ChildJvm start(String name, Class<?> main, List<String> arguments, Map<String, String> environment)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.add("-XX:+UseSerialGC");
        Module module = main.getModule();
        if (module.isNamed()) {
            command.add("--module-path");
            command.add(System.getProperty("jdk.module.path"));
            // Nobody requires the module with the native library, so it has to be named.
            ModuleLayer.boot().modules().stream()
                    .map(Module::getName)
                    .filter(each -> each.startsWith("io.netty.transport.epoll.linux."))
                    .forEach(each -> {
                        command.add("--add-modules");
                        command.add(each);
                    });
            command.add("--module");
            command.add(module.getName() + "/" + main.getName());
        } else {
            command.add("-cp");
            command.add(absolute(System.getProperty("java.class.path")));
            command.add(main.getName());
        }
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return new ChildJvm(name, builder.start());
    }

    private static String absolute(String path) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split(File.pathSeparator)) {
            parts.add(new File(part).getAbsolutePath());
        }
        return String.join(File.pathSeparator, parts);
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(name + " | " + line);
                lock.lock();
                try {
                    if (lines.size() == LINES_KEPT) {
                        lines.removeFirst();
                    }
                    lines.addLast(line);
                    more.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for a line that was printed since the start, or will be. */
    public String awaitLine(String what, Predicate<String> wanted, Duration timeout)
            throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + timeout.toNanos();
        lock.lock();
        try {
            while (true) {
                Optional<String> found = lines.stream().filter(wanted).findFirst();
                if (found.isPresent()) {
                    return found.get();
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new TimeoutException(name + " did not print " + what + " within " + timeout.toSeconds() + " s"
                            + (process.isAlive() ? "" : "; it has ended with " + process.exitValue()));
                }
                more.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The process id. */
    public long pid() {
        return process.pid();
    }

    /** Whether it still runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Sends SIGTERM. */
    public void terminate() {
        // Not Process.destroy, which also closes the streams and so loses the last lines.
        process.toHandle().destroy();
    }

    /** Sends SIGKILL. */
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    /** Waits for the end and returns the exit code. */
    public int awaitExit(Duration timeout) throws InterruptedException, TimeoutException {
        if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new TimeoutException(name + " did not end within " + timeout.toSeconds() + " s");
        }
        reader.join(1_000);
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
    }
}
