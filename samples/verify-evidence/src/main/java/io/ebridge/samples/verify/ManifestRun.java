package io.ebridge.samples.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** Judges every case of a manifest and prints those that come out otherwise than expected. */
final class ManifestRun {

    private ManifestRun() {}

    static int judge(Path manifest, PrintStream out) throws UnusableException {
        JsonNode cases;
        try {
            cases = new ObjectMapper().readTree(EvidenceFile.read(manifest)).path("cases");
        } catch (IOException e) {
            throw new UnusableException(manifest + " is no JSON", e);
        }
        if (!cases.isArray()) {
            throw new UnusableException(manifest + " has no list of cases");
        }
        Path folder = manifest.toAbsolutePath().getParent();
        int expected = 0;
        int number = 0;
        for (JsonNode node : cases) {
            number++;
            ManifestCase one = new ManifestCase(folder == null ? Path.of("") : folder, node);
            List<String> differences = CaseJudge.judge(one);
            if (differences.isEmpty()) {
                expected++;
            } else {
                out.println(one.id().isEmpty() ? "case " + number : one.id());
                differences.forEach(line -> out.println("  " + line));
            }
        }
        out.println(number + " cases, " + expected + " as expected");
        return number == expected ? 0 : 1;
    }
}
