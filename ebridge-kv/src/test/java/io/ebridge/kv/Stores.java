package io.ebridge.kv;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/** What most tests of a store need. */
final class Stores {

    static final SealingKey KEY = InsecureSealing.fromSeed("tests").sealingKey(SealingPolicy.measurement(), "tests");

    private Stores() {}

    static StoreOptions.Builder options() {
        return StoreOptions.builder("test").commitInterval(Duration.ZERO);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    static TreeMap<String, String> all(Iterator<Entry> entries) {
        TreeMap<String, String> all = new TreeMap<>();
        List<String> twice = new ArrayList<>();
        entries.forEachRemaining(e -> {
            if (all.put(text(e.key()), text(e.value())) != null) {
                twice.add(text(e.key()));
            }
        });
        if (!twice.isEmpty()) {
            throw new AssertionError("seen twice: " + twice);
        }
        return all;
    }
}
