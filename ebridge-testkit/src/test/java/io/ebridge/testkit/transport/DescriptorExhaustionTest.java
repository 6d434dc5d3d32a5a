package io.ebridge.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.HybridOptions;
import io.ebridge.vsock.Vsock;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockStream;
import io.ebridge.vsock.VsockTransport;
import java.io.FileInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Listeners and streams in a process that has no descriptor left: they say so, do not spin, and go on when there are some again. */
@Timeout(90)
class DescriptorExhaustionTest {
    @ParameterizedTest
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void listenersSaySoRestAndGoOn(boolean guestListens, boolean portable) throws Exception {
        String printed = LimitedJvm.run(Child.class, 200, Boolean.toString(guestListens), Boolean.toString(portable));
        assertThat(printed).contains("EXHAUSTED AND BACK").doesNotContain("reached at the tail");
    }

    /** Runs in the other process. */
    static final class Child {
        private static final Duration PATIENCE = Duration.ofSeconds(20);

        private final VsockTransport server;
        private final VsockTransport client;
        private final Cid serverCid;
        private final Deque<FileInputStream> hoard = new ArrayDeque<>();

        private Child(Path directory, boolean guestListens, boolean portable) {
            HybridOptions options = HybridOptions.builder(directory.resolve("v"))
                    .portable(portable)
                    .handshakeTimeout(Duration.ofSeconds(15))
                    .build();
            VsockTransport host = Vsock.hybrid(options);
            VsockTransport guest = Vsock.hybridGuest(options);
            server = guestListens ? guest : host;
            client = guestListens ? host : guest;
            serverCid = server.localCid();
        }

        public static void main(String[] args) throws Exception {
            Path directory = Files.createTempDirectory("x");
            Child child = new Child(directory, Boolean.parseBoolean(args[0]), Boolean.parseBoolean(args[1]));
            loadAll();
            cpuMillis();
            child.exhaust();
            child.exhaust();
            System.out.println("EXHAUSTED AND BACK");
            System.exit(0);
        }

        /** Here classes lie in a directory, each a file to be opened; in a service they come out of a jar that is open. */
        private static void loadAll() throws Exception {
            System.getLogger("warm").log(System.Logger.Level.WARNING, "the logger is warm");
            Path root = Path.of(VsockTransport.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (Files.isDirectory(root)) {
                try (Stream<Path> files = Files.walk(root)) {
                    for (Path file :
                            files.filter(f -> f.toString().endsWith(".class")).toList()) {
                        String name = root.relativize(file).toString().replace('/', '.');
                        if (!name.startsWith("module-info")) {
                            Class.forName(name.substring(0, name.length() - ".class".length()));
                        }
                    }
                }
            }
        }

        private VsockStream connect(VsockListener listener) throws IOException {
            return client.connect(
                    new VsockAddress(serverCid, listener.localAddress().port()), PATIENCE);
        }

        private void exchange(VsockStream one, VsockStream other) throws IOException {
            one.outputStream().write(5);
            other.readTimeout(PATIENCE);
            assertThat(other.inputStream().read()).isEqualTo(5);
        }

        private void takeAllDescriptors() {
            try {
                while (true) {
                    hoard.push(new FileInputStream("/dev/null"));
                }
            } catch (IOException e) {
                assertThat(hoard).as("descriptors taken").hasSizeGreaterThan(20);
            }
        }

        private void exhaust() throws Exception {
            try (VsockListener listener = server.listen(VsockAddress.anyCid(VsockAddress.ANY_PORT))) {
                try (VsockStream a = connect(listener);
                        VsockStream b = listener.accept(PATIENCE)) {
                    exchange(a, b);
                    exchange(b, a);

                    takeAllDescriptors();
                    VsockException refused = catchThrowableOfType(VsockException.class, () -> connect(listener));
                    assertThat(refused).isNotNull();
                    assertThat(refused.reason()).isEqualTo(VsockException.Reason.RESOURCES);

                    // One for the client's end; there is none for the server's.
                    hoard.pop().close();
                    CompletableFuture<VsockStream> waiting = new CompletableFuture<>();
                    Thread connecting = new Thread(() -> {
                        try {
                            waiting.complete(connect(listener));
                        } catch (IOException e) {
                            waiting.completeExceptionally(e);
                        }
                    });
                    connecting.start();
                    VsockException cannot = catchThrowableOfType(VsockException.class, () -> listener.accept(PATIENCE));
                    assertThat(cannot).isNotNull();
                    assertThat(cannot.reason()).isEqualTo(VsockException.Reason.RESOURCES);

                    long began = cpuMillis();
                    VsockException again = catchThrowableOfType(VsockException.class, () -> listener.accept(PATIENCE));
                    assertThat(again.reason()).isEqualTo(VsockException.Reason.RESOURCES);
                    assertThat(cpuMillis() - began).as("CPU of a second's rest").isLessThan(700);

                    exchange(a, b);
                    for (FileInputStream file : hoard) {
                        file.close();
                    }
                    hoard.clear();
                    VsockStream late = null;
                    while (late == null) {
                        try {
                            late = listener.accept(PATIENCE);
                        } catch (VsockException e) {
                            assertThat(e.reason()).isEqualTo(VsockException.Reason.RESOURCES);
                        }
                    }
                    try (VsockStream theirs = waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                            VsockStream ours = late) {
                        exchange(theirs, ours);
                        exchange(ours, theirs);
                    }
                }
            }
        }

        private static long cpuMillis() {
            // Of the threads, because asking for that of the process takes a descriptor.
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long nanos = LongStream.of(threads.getAllThreadIds())
                    .map(threads::getThreadCpuTime)
                    .filter(t -> t > 0)
                    .sum();
            return TimeUnit.NANOSECONDS.toMillis(nanos);
        }
    }
}
