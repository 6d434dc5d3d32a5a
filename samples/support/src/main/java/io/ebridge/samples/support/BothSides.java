package io.ebridge.samples.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeoutException;

/** Runs the host and the enclave of a sample as two processes until this one is asked to end. */
public final class BothSides {
    private static final Duration DRAIN = Duration.ofSeconds(15);

    private BothSides() {}

    /** Starts one side. */
    public interface Starter {
        /**
         * Starts it.
         *
         * @param name what to print in front of its lines
         * @param role {@code host} or {@code enclave}
         * @param meeting how it meets the other side
         */
        ChildJvm start(String name, String role, Meeting meeting) throws IOException;
    }

    /** Runs them; they meet in a directory of their own unless something else was said. */
    public static void run(Meeting meeting, Starter starter)
            throws IOException, InterruptedException, TimeoutException {
        Path directory = Files.createTempDirectory("sample");
        Meeting here = meeting.orAt(directory.resolve("vsock"));
        Termination termination = new Termination();
        try (ChildJvm host = starter.start("host   ", "host", here);
                ChildJvm enclave = starter.start("enclave", "enclave", here)) {
            termination.await();
            enclave.terminate();
            enclave.awaitExit(DRAIN);
            host.terminate();
            host.awaitExit(DRAIN);
        } finally {
            deleteAll(directory);
        }
        termination.finished();
    }

    /** Deletes a directory, if it is there, with all that is in it. */
    public static void deleteAll(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (var files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
