package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.Vendor;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonLimits;
import io.ebridge.attest.json.JsonReader;
import io.ebridge.attest.json.JsonValue;
import io.ebridge.attest.json.JsonValue.ObjectValue;
import io.ebridge.attest.vectors.Vectors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The SGX and TDX cases of the real vectors' manifest. */
final class DcapCases {

    private DcapCases() {}

    /** One case. */
    record Case(String id, EvidenceFormat format, ObjectValue json) {

        byte[] evidence() throws JsonException, IOException {
            return read(json.require("evidence").asString());
        }

        boolean hasEvidence() throws JsonException {
            return !json.require("evidence").isNull();
        }

        Instant at() throws JsonException {
            return Instant.parse(json.require("verify_at").asString());
        }

        /** As a clock. */
        Instant now() {
            try {
                return at();
            } catch (JsonException e) {
                throw new IllegalStateException(e);
            }
        }

        ObjectValue expect() throws JsonException {
            return json.require("expect").asObject();
        }

        Collateral collateral() throws JsonException, IOException {
            Collateral.Builder builder = Collateral.builder();
            for (Map.Entry<String, JsonValue> entry :
                    json.require("collateral").asObject().members().entrySet()) {
                Collateral.Kind kind = Collateral.Kind.valueOf(entry.getKey().toUpperCase(Locale.ROOT));
                for (String path : paths(entry.getValue())) {
                    builder.add(kind, read(path));
                }
            }
            return builder.build();
        }

        Strictness strictness() throws JsonException {
            List<String> missing = new ArrayList<>();
            for (JsonValue name : json.require("collateral_missing").asArray()) {
                missing.add(name.asString());
            }
            Strictness strictness = Strictness.full();
            boolean noTcb = missing.contains("tcb_info");
            boolean noQe = missing.contains("qe_identity");
            if (noTcb && noQe) {
                strictness = strictness.insecureSignaturesOnly();
            } else if (noTcb || noQe) {
                strictness = strictness.insecureWithPartialTcb();
            } else if (!missing.isEmpty()) {
                strictness = strictness.insecureWithoutRevocation();
            }
            Optional<JsonValue> options = json.find("options");
            if (options.isPresent()) {
                for (Map.Entry<String, JsonValue> option :
                        options.get().asObject().members().entrySet()) {
                    switch (option.getKey()) {
                        case "tcb_info_v2" -> strictness = strictness.insecureAcceptTcbInfoV2();
                        case "unordered_chain" -> strictness = strictness.acceptUnorderedChain();
                        case "trailing" ->
                            strictness = option.getValue().asString().equals("any")
                                    ? strictness.insecureIgnoreTrailingBytes()
                                    : strictness.rejectTrailingZeros();
                        default -> throw new IllegalStateException(option.getKey());
                    }
                }
            }
            return strictness;
        }

        Evidence full() throws JsonException, IOException {
            return Evidence.of(format, evidence()).withCollateral(collateral());
        }

        EvidenceVerifier verifier() throws JsonException, IOException, GeneralSecurityException {
            return builder().clock(InstantSource.fixed(at())).build();
        }

        EvidenceVerifier.Builder builder() throws JsonException, IOException, GeneralSecurityException {
            byte[] anchor = read(json.require("anchor").asString());
            X509Certificate root = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(anchor));
            return EvidenceVerifier.builder().trustAnchors(TrustAnchors.of(Vendor.INTEL, root));
        }

        @Override
        public String toString() {
            return id;
        }
    }

    static List<Case> cases() throws IOException, JsonException {
        Path manifest = Vectors.root().resolve("manifest.json");
        JsonValue json = JsonReader.read(Files.readAllBytes(manifest), new JsonLimits(16 << 20, 16, 1 << 20));
        List<Case> cases = new ArrayList<>();
        for (JsonValue value : json.asObject().require("cases").asArray()) {
            ObjectValue object = value.asObject();
            String format = object.require("format").asString();
            if (format.equals("sgx") || format.equals("tdx")) {
                cases.add(new Case(
                        object.require("id").asString(),
                        EvidenceFormat.valueOf(format.toUpperCase(Locale.ROOT)),
                        object));
            }
        }
        return cases;
    }

    /** The cases with a quote that is authentic. */
    static List<Case> authenticQuotes() throws IOException, JsonException {
        List<Case> quotes = new ArrayList<>();
        for (Case c : cases()) {
            if (c.hasEvidence() && c.expect().require("authentic").asBoolean()) {
                quotes.add(c);
            }
        }
        return quotes;
    }

    static Case named(String id) throws IOException, JsonException {
        return cases().stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
    }

    private static byte[] read(String path) {
        return Vectors.read(path);
    }

    static List<String> paths(JsonValue value) throws JsonException {
        List<String> paths = new ArrayList<>();
        if (value instanceof JsonValue.ArrayValue) {
            for (JsonValue element : value.asArray()) {
                paths.add(element.asString());
            }
        } else {
            paths.add(value.asString());
        }
        return paths;
    }
}
