package io.ebridge.samples.hello;

import io.ebridge.samples.support.ChildJvm;
import io.ebridge.samples.support.Termination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Hello from the enclave: host and enclave in two processes, or one of them alone. */
public final class Hello {
    private Hello() {}

    /** Runs the sample; {@link Options#USAGE} says how. */
    public static void main(String[] arguments) throws Exception {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(Options.USAGE);
            System.exit(2);
            return;
        }
        switch (options.role()) {
            case HOST -> HelloHost.run(options);
            case ENCLAVE -> HelloEnclave.run(options);
            case BOTH -> {
                if (options.check()) {
                    System.exit(HelloCheck.run(options));
                } else {
                    both(options);
                }
            }
        }
    }

    private static void both(Options options) throws Exception {
        Path directory = Files.createTempDirectory("hello");
        Path socket = options.socket() == null ? directory.resolve("vsock") : options.socket();
        Termination termination = new Termination();
        try (ChildJvm host = start("host   ", "host", options, socket, options.port(), options.allowed());
                ChildJvm enclave = start("enclave", "enclave", options, socket, options.port(), options.allowed())) {
            termination.await();
            enclave.terminate();
            enclave.awaitExit(Duration.ofSeconds(15));
            host.terminate();
            host.awaitExit(Duration.ofSeconds(15));
        } finally {
            deleteAll(directory);
        }
        termination.finished();
    }

    static ChildJvm start(String name, String role, Options options, Path socket, int port, List<String> allowed)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                role,
                "--cid",
                Long.toString(options.cid().value()),
                "--port",
                Integer.toString(port),
                "--transport",
                options.kernel() ? "kernel" : "hybrid",
                "--socket",
                socket.toString()));
        for (String target : allowed) {
            arguments.add("--allow");
            arguments.add(target);
        }
        // What the host may pass on; the rest of the environment stays here.
        return ChildJvm.start(name, Hello.class, arguments, Map.of("HELLO_GREETING", "good day"));
    }

    static void deleteAll(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }
}
