package io.ebridge.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A process of its own with few descriptors, in which a main class sees what becomes of it. */
public final class LimitedJvm {
    private LimitedJvm() {}

    /** Runs a main class and returns what it printed; fails if it does not end with 0, or floods its log. */
    public static String run(Class<?> main, int descriptors, String... arguments) throws Exception {
        Assumptions.assumeTrue(new File("/bin/bash").canExecute(), "no shell to lower the limit with");
        String path = Stream.of(
                        System.getProperty("java.class.path"),
                        System.getProperty("jdk.module.path", ""),
                        System.getProperty("jdk.module.main.location", ""),
                        Path.of(main.getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI())
                                .toString(),
                        "target/test-classes",
                        "target/classes")
                .filter(s -> !s.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
        Path directory = Files.createTempDirectory("fds");
        Path out = directory.resolve("out");
        try {
            Process child = new ProcessBuilder(Stream.concat(
                                    Stream.of(
                                            "/bin/bash",
                                            "-c",
                                            "ulimit -n " + descriptors + "; exec \"$0\" \"$@\"",
                                            Path.of(System.getProperty("java.home"), "bin", "java")
                                                    .toString(),
                                            "-XX:+UseSerialGC",
                                            "-XX:TieredStopAtLevel=1",
                                            "-XX:-MaxFDLimit",
                                            // Its threads open files of the cgroup for a moment, now and then.
                                            "-XX:-UseContainerSupport",
                                            "-cp",
                                            path,
                                            main.getName()),
                                    Stream.of(arguments))
                            .toList())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            boolean ended;
            try {
                ended = child.waitFor(60, TimeUnit.SECONDS);
            } finally {
                child.destroyForcibly();
            }
            String printed = Files.readString(out);
            assertThat(ended).as("it ended; it said: %s", printed).isTrue();
            assertThat(Files.size(out)).as("a log without a flood").isLessThan(1L << 20);
            assertThat(child.exitValue()).as("%s", printed).isZero();
            return printed;
        } finally {
            Files.deleteIfExists(out);
            Files.delete(directory);
        }
    }
}
