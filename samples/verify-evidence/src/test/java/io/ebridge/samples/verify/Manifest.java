package io.ebridge.samples.verify;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The manifest of the real vectors, where they are at hand. */
final class Manifest {
    private Manifest() {}

    static Path folder() {
        Path root = Path.of(System.getProperty("ebridge.vectors", "../../../shared/vectors"));
        assumeTrue(Files.isRegularFile(root.resolve("manifest.json")), "no vectors under " + root.toAbsolutePath());
        return root.toAbsolutePath().normalize();
    }

    static List<ManifestCase> cases() {
        Path folder = folder();
        try {
            List<ManifestCase> cases = new ArrayList<>();
            for (JsonNode node : new ObjectMapper()
                    .readTree(folder.resolve("manifest.json").toFile())
                    .path("cases")) {
                cases.add(new ManifestCase(folder, node));
            }
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
