package io.ebridge.samples.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.EvidenceRejectedException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is to be said about a file, in an order that suits people and tools alike. */
final class Verdict {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Map<String, Object> lines = new LinkedHashMap<>();
    private @Nullable PolicyProposal proposal;
    private int exitCode;

    private Verdict() {}

    static Verdict of(Path path, EvidenceFile file, AttestationResult result, @Nullable PolicyProposal proposal) {
        Verdict verdict = new Verdict();
        boolean debug = result.appraisal().debug();
        boolean appraised = result.appraisal().made();
        verdict.evidence(path, file);
        verdict.exitCode = appraised || !debug ? 0 : 1;
        verdict.put("verdict", appraised ? "accepted" : debug ? "rejected" : "authentic");
        if (!appraised && debug) {
            verdict.put("reason", "DEBUG");
            verdict.put(
                    "detail",
                    "the evidence is authentic, and the enclave can be debugged: its memory is open to the host");
            verdict.put("advice", Advice.on(io.ebridge.attest.RejectionReason.DEBUG));
        }
        verdict.put("evaluated_at", result.freshness().evaluatedAt());
        verdict.put("anchor", result.authenticity().anchor());
        verdict.put("strictness", result.authenticity().strictness());
        verdict.put("revocation_checked", result.authenticity().revocationChecked());
        verdict.put("collateral_missing", List.copyOf(result.authenticity().missing()));
        verdict.put(
                "recent",
                result.freshness().established()
                        ? List.copyOf(result.freshness().proofs())
                        : "nothing shows that it is");
        result.appraisal().matched().ifPresent(matched -> verdict.put("matched", matched));
        verdict.lines.putAll(ResultFields.of(result));
        file.certificate().ifPresent(found -> ResultFields.addBinding(found, verdict.lines));
        verdict.put("checks", List.copyOf(result.checks()));
        verdict.proposal = proposal;
        return verdict;
    }

    static Verdict rejected(Path path, @Nullable EvidenceFile file, Instant at, EvidenceRejectedException e) {
        Verdict verdict = new Verdict();
        if (file == null) {
            verdict.put("file", path);
        } else {
            verdict.evidence(path, file);
        }
        verdict.put("verdict", "rejected");
        verdict.put("reason", e.reason());
        verdict.put("aspect", e.reason().aspect());
        verdict.put("source", e.reason().source());
        String message = String.valueOf(e.getMessage());
        String prefix = e.reason() + ": ";
        verdict.put("detail", message.startsWith(prefix) ? message.substring(prefix.length()) : message);
        verdict.put("advice", Advice.on(e.reason()));
        verdict.put("evaluated_at", at);
        verdict.exitCode = 1;
        return verdict;
    }

    static String unusable(String detail) {
        return print(JSON.createObjectNode().put("verdict", "unusable").put("detail", detail));
    }

    private void evidence(Path path, EvidenceFile file) {
        put("file", path);
        put("format", file.evidence().format());
        put("bytes", file.evidence().bytes().length());
        if (!file.wrapping().isEmpty()) {
            put("found_in", file.wrapping());
        }
    }

    private void put(String name, Object value) {
        lines.put(name, value);
    }

    int exitCode() {
        return exitCode;
    }

    String toTable() {
        int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0) + 2;
        StringBuilder text = new StringBuilder();
        lines.forEach((name, value) -> {
            String shown = value instanceof Collection<?> many
                    ? many.isEmpty()
                            ? "-"
                            : String.join(
                                    ", ", many.stream().map(String::valueOf).toList())
                    : String.valueOf(value);
            text.append(name)
                    .append(" ".repeat(width - name.length()))
                    .append(shown)
                    .append('\n');
        });
        PolicyProposal would = proposal;
        if (would != null) {
            text.append('\n');
            if (would.policy().isPresent()) {
                text.append(
                        "No policy was given, so nothing says that this is the code you expect. If it is, say so:\n\n");
                text.append(would.policy().get().toJson().strip()).append("\n\n");
                text.append(
                        would.refusal().isEmpty()
                                ? "With that policy the evidence is accepted.\n"
                                : "Even with that policy the evidence is rejected: " + would.detail() + '\n');
            } else {
                text.append("No policy could accept it: ")
                        .append(would.detail())
                        .append('\n');
            }
        }
        return text.toString();
    }

    String toJson() {
        ObjectNode root = JSON.createObjectNode();
        lines.forEach((name, value) -> {
            ObjectNode at = root;
            String[] parts = name.split("\\.");
            for (int i = 0; i < parts.length - 1; i++) {
                at = at.get(parts[i]) instanceof ObjectNode inner ? inner : at.putObject(parts[i]);
            }
            at.set(parts[parts.length - 1], node(value));
        });
        root.put("exit_code", exitCode);
        PolicyProposal would = proposal;
        if (would != null) {
            ObjectNode proposed = root.putObject("proposed_policy");
            would.policy().ifPresent(policy -> proposed.set("policy", tree(policy)));
            proposed.put(
                    "accepts", would.policy().isPresent() && would.refusal().isEmpty());
            if (!would.detail().isEmpty()) {
                proposed.put("detail", would.detail());
            }
        }
        return print(root) + "\n";
    }

    private static JsonNode node(Object value) {
        if (value instanceof Boolean flag) {
            return JSON.getNodeFactory().booleanNode(flag);
        }
        if (value instanceof Number number) {
            return JSON.getNodeFactory().numberNode(number.longValue());
        }
        if (value instanceof Collection<?> many) {
            ArrayNode array = JSON.createArrayNode();
            many.forEach(item -> array.add(String.valueOf(item)));
            return array;
        }
        return JSON.getNodeFactory().textNode(String.valueOf(value));
    }

    private static JsonNode tree(AppraisalPolicy policy) {
        try {
            return JSON.readTree(policy.toJson());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a policy writes JSON", e);
        }
    }

    private static String print(JsonNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is JSON", e);
        }
    }
}
