package io.ebridge.attest.vectors;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where the real evidence lies: the system property {@code ebridge.vectors}. Tests that need it are skipped where it is absent. */
public final class Vectors {

    private Vectors() {}

    /** The folder, or a skipped test. */
    public static Path root() {
        String property = System.getProperty("ebridge.vectors", "");
        Path root = Path.of(property);
        assumeTrue(
                !property.isEmpty() && Files.isRegularFile(root.resolve("manifest.json")),
                "no attestation vectors at the path in system property ebridge.vectors: '" + property + "'");
        return root;
    }

    /** A file's bytes, or a skipped test. */
    public static byte[] read(String path) {
        try {
            return Files.readAllBytes(root().resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files of a format as seeds for fuzzing; none where there are no vectors, since fuzz targets run all the same. */
    public static Stream<byte[]> seeds(String format) {
        Path folder = Path.of(System.getProperty("ebridge.vectors", "")).resolve(format);
        if (!Files.isDirectory(folder)) {
            return Stream.empty();
        }
        try (Stream<Path> walk = Files.walk(folder)) {
            List<byte[]> seeds = new ArrayList<>();
            for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                seeds.add(Files.readAllBytes(file));
            }
            return seeds.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
