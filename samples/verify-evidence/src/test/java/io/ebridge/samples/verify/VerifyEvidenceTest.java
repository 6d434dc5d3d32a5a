package io.ebridge.samples.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyEvidenceTest {

    private static final String AT = "2026-03-07T00:00:00Z";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(Object... args) {
        out.reset();
        err.reset();
        List<String> texts = new ArrayList<>();
        for (Object arg : args) {
            texts.add(arg.toString());
        }
        return VerifyEvidence.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                InstantSource.system(),
                texts.toArray(new String[0]));
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private JsonNode json() throws Exception {
        return new ObjectMapper().readTree(printed());
    }

    private static Path microsoft(String name) {
        return Manifest.folder()
                .resolve("snp/microsoft_TEE-Attestation-Verification")
                .resolve(name);
    }

    @Test
    void everyCaseOfTheManifestIsAsExpected() {
        assertThat(run("--manifest", Manifest.folder().resolve("manifest.json")))
                .as(printed())
                .isZero();
        assertThat(printed()).isEqualTo("288 cases, 288 as expected\n");
    }

    @Test
    void aManifestOfWrongExpectationsIsToldFieldByField(@TempDir Path directory) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        JsonNode manifest =
                mapper.readTree(Manifest.folder().resolve("manifest.json").toFile());
        ObjectNode one = null;
        for (JsonNode node : manifest.path("cases")) {
            if (node.path("id").asText().equals("snp-microsoft-genoa")) {
                one = node.deepCopy();
            }
        }
        assertThat(one).isNotNull();
        one.put(
                "evidence",
                Manifest.folder().resolve(one.path("evidence").asText()).toString());
        one.put("anchor", Manifest.folder().resolve(one.path("anchor").asText()).toString());
        ObjectNode collateral = (ObjectNode) one.get("collateral");
        for (String name : new String[] {"vcek", "ask", "ark"}) {
            Path source = Manifest.folder().resolve(collateral.path(name).asText());
            Files.copy(source, directory.resolve(name));
            collateral.put(name, name);
        }
        ObjectNode file = mapper.createObjectNode();
        file.putArray("cases").add(one);
        Path path = directory.resolve("other.json");
        mapper.writeValue(path.toFile(), file);
        assertThat(run("--manifest", path)).as(printed()).isZero();
        ((ObjectNode) one.path("expect").path("fields")).put("vmpl", 3).put("unheard_of", "x");
        mapper.writeValue(path.toFile(), file);
        assertThat(run("--manifest", path)).isEqualTo(1);
        assertThat(printed())
                .contains("snp-microsoft-genoa")
                .contains("fields.vmpl: expected 3, got 0")
                .contains("fields.unheard_of: expected x, got nothing")
                .endsWith("1 cases, 0 as expected\n");
    }

    @Test
    void withoutAPolicyAuthenticityIsShownAndAPolicyProposed() throws Exception {
        assertThat(run(
                        microsoft("genoa_attestation_report.bin"),
                        "--collateral",
                        microsoft("genoa_vcek.pem"),
                        microsoft("genoa_ask.pem"),
                        microsoft("genoa_ark.pem"),
                        "--at",
                        AT,
                        "--insecure-without-revocation"))
                .isZero();
        assertThat(printed()).contains("verdict", "authentic", "With that policy the evidence is accepted.");
    }

    @Test
    void theProposedPolicyIsAPolicy(@TempDir Path directory) throws Exception {
        Object[] args = {
            microsoft("genoa_attestation_report.bin"),
            "--collateral",
            microsoft("."),
            "--at",
            AT,
            "--json",
            "--insecure-without-revocation"
        };
        assertThat(run(args)).isZero();
        JsonNode proposed = json().path("proposed_policy");
        assertThat(proposed.path("accepts").asBoolean()).isTrue();
        Path policy = directory.resolve("policy.json");
        Files.writeString(policy, proposed.path("policy").toString());
        assertThat(run(
                        microsoft("genoa_attestation_report.bin"),
                        "--collateral",
                        microsoft("."),
                        "--at",
                        AT,
                        "--json",
                        "--policy",
                        policy))
                .as(printed())
                .isZero();
        assertThat(json().path("verdict").asText()).isEqualTo("accepted");
        // Of another guest, that is.
        Files.writeString(
                policy,
                proposed.path("policy").toString().replaceFirst("\"measurement\":\"..", "\"measurement\":\"11"));
        assertThat(run(
                        microsoft("genoa_attestation_report.bin"),
                        "--collateral",
                        microsoft("."),
                        "--at",
                        AT,
                        "--json",
                        "--policy",
                        policy))
                .isEqualTo(1);
        assertThat(json().path("reason").asText()).isEqualTo("MEASUREMENT_MISMATCH");
        assertThat(json().path("advice").asText()).isNotEmpty();
    }

    @Test
    void debugEvidenceIsNotAccepted() {
        Path google = Manifest.folder().resolve("snp/google_go-sev-guest");
        assertThat(run(
                        google.resolve("attestation.bin"),
                        "--collateral",
                        google,
                        "--at",
                        "2023-01-10T00:00:00Z",
                        "--insecure-without-revocation"))
                .isEqualTo(1);
        assertThat(printed()).contains("DEBUG", "without debug mode");
    }

    @Test
    void whatIsMissingIsSaidWithWhatToDo() {
        assertThat(run(microsoft("turin_attestation_report.bin"), "--at", AT)).isEqualTo(1);
        assertThat(printed()).contains("SNP_ENDORSEMENT_MISSING", "key distribution service");
        assertThat(run(microsoft("turin_attestation_report.bin"), "--collateral", microsoft("."), "--at", AT))
                .isEqualTo(1);
        assertThat(printed()).contains("CRL_MISSING", "--insecure-without-revocation");
    }

    @Test
    void evidenceMayBeTextOrInsideAContainer(@TempDir Path directory) throws Exception {
        byte[] report = Files.readAllBytes(microsoft("turin_attestation_report.bin"));
        Path hex = Files.writeString(directory.resolve("hex"), HexFormat.of().formatHex(report) + "\n");
        assertThat(run(hex, "--collateral", microsoft("."), "--at", AT, "--insecure-without-revocation"))
                .isZero();
        Path base64 = Files.write(
                directory.resolve("base64"), java.util.Base64.getMimeEncoder().encode(report));
        assertThat(run(base64, "--collateral", microsoft("."), "--at", AT, "--insecure-without-revocation"))
                .isZero();
        Path trustee = Manifest.folder().resolve("snp/confidential-containers_trustee");
        assertThat(run(
                        trustee.resolve("hcl-report-snp.bin"),
                        "--collateral",
                        trustee.resolve("az-vcek-chain.pem"),
                        "--at",
                        "2023-06-01T21:22:19Z",
                        "--insecure-without-revocation"))
                .isZero();
        assertThat(printed()).contains("an Azure container");
    }

    @Test
    void whatCannotBeJudgedIsUnusable(@TempDir Path directory) throws Exception {
        Path noise = Files.write(directory.resolve("noise"), new byte[500]);
        Path empty = Files.write(directory.resolve("empty"), new byte[0]);
        assertThat(run(noise)).isEqualTo(2);
        assertThat(run(empty)).isEqualTo(2);
        assertThat(run(directory.resolve("absent"))).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
        assertThat(run(noise, "--at", "yesterday")).isEqualTo(2);
        assertThat(run(noise, "--what")).isEqualTo(2);
        assertThat(run(noise, "--policy", noise)).isEqualTo(2);
        assertThat(run(noise, "--format", "snp", "--collateral", directory.resolve("absent")))
                .isEqualTo(2);
        assertThat(run("--manifest", noise)).isEqualTo(2);
        assertThat(run(noise, "--json")).isEqualTo(2);
        assertThat(json().path("verdict").asText()).isEqualTo("unusable");
        // Named as something that it is not, it is judged and rejected.
        assertThat(run(noise, "--format", "snp")).isEqualTo(1);
        assertThat(printed()).contains("MALFORMED");
    }
}
