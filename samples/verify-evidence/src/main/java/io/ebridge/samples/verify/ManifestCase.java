package io.ebridge.samples.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One verification.
 *
 * @param folder where relative paths start
 * @param node the case as it is in the manifest
 */
record ManifestCase(Path folder, JsonNode node) {

    String id() {
        return text("id");
    }

    /** A member's text; empty if there is none. */
    String text(String name) {
        return node.path(name).asText("");
    }

    boolean option(String name) {
        return node.path("options").path(name).asBoolean(false);
    }

    boolean lacks(String piece) {
        for (JsonNode name : node.path("collateral_missing")) {
            if (name.asText().equals(piece)) {
                return true;
            }
        }
        return false;
    }

    boolean lacksAnything() {
        return !node.path("collateral_missing").isEmpty();
    }

    byte[] file(String path) throws UnusableException {
        return EvidenceFile.read(folder.resolve(path));
    }

    byte[] evidence() throws UnusableException {
        byte[] whole = file(text("evidence"));
        if (!node.has("evidence_offset")) {
            return whole;
        }
        int offset = node.path("evidence_offset").asInt();
        int length = node.path("evidence_length").asInt(whole.length - offset);
        if (offset < 0 || length < 0 || offset > whole.length || length > whole.length - offset) {
            throw new UnusableException("the range of the evidence lies outside " + text("evidence"));
        }
        return Arrays.copyOfRange(whole, offset, offset + length);
    }

    /** The paths of each piece of collateral. */
    Map<String, List<String>> collateral() {
        Map<String, List<String>> result = new TreeMap<>();
        node.path("collateral").properties().forEach(entry -> {
            List<String> paths = new ArrayList<>();
            if (entry.getValue().isArray()) {
                entry.getValue().forEach(path -> paths.add(path.asText()));
            } else if (!entry.getValue().isNull()) {
                paths.add(entry.getValue().asText());
            }
            result.put(entry.getKey(), paths);
        });
        return result;
    }

    /** What is expected, leaves by dotted path, lists of leaves joined with commas. */
    Map<String, String> expected() {
        Map<String, String> flat = new TreeMap<>();
        flatten("", node.path("expect"), flat);
        return flat;
    }

    private static void flatten(String prefix, JsonNode from, Map<String, String> into) {
        from.properties().forEach(entry -> {
            String path = prefix.isEmpty() ? entry.getKey() : prefix + "." + entry.getKey();
            JsonNode value = entry.getValue();
            if (value.isObject()) {
                flatten(path, value, into);
            } else if (value.isArray()) {
                List<String> items = new ArrayList<>();
                value.forEach(item -> items.add(item.asText()));
                into.put(path, String.join(",", items));
            } else {
                into.put(path, value.isNull() ? "null" : value.asText());
            }
        });
    }
}
