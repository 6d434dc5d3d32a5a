package io.ebridge.attest.internal.policy;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.PolicyFormatException;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.nitro.PcrSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The part of a policy that only Nitro has. */
final class NitroPolicyJson {

    private NitroPolicyJson() {}

    static NitroPolicy read(PolicyObject object) throws PolicyFormatException {
        NitroPolicy.Builder builder = NitroPolicy.builder();
        PolicyJson.readTerms(object, builder);
        for (PolicyObject entry : object.objects("allow")) {
            String name = entry.text("name").orElse("");
            TreeMap<Integer, Bytes> values = new TreeMap<>();
            for (int index = 0; index <= PcrSet.MAX_INDEX; index++) {
                Optional<Bytes> value = entry.hex("pcr" + index);
                if (value.isPresent()) {
                    values.put(index, value.get());
                }
            }
            entry.end();
            builder.allow(entry.build(() -> new PcrSet(name, values)));
        }
        object.hex("user_data").ifPresent(value -> builder.userData(value.toByteArray()));
        object.hex("public_key").ifPresent(value -> builder.publicKey(value.toByteArray()));
        return object.build(builder::build);
    }

    static void write(NitroPolicy policy, Map<String, Object> json) {
        List<Map<String, Object>> sets = new ArrayList<>();
        for (PcrSet set : policy.allowed()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            if (!set.name().isEmpty()) {
                entry.put("name", set.name());
            }
            set.values().forEach((index, value) -> entry.put("pcr" + index, value));
            sets.add(entry);
        }
        json.put("allow", sets);
        policy.userData().ifPresent(value -> json.put("user_data", value));
        policy.publicKey().ifPresent(value -> json.put("public_key", value));
    }
}
