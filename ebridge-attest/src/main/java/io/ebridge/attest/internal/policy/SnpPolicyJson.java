package io.ebridge.attest.internal.policy;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.PolicyFormatException;
import io.ebridge.attest.snp.SnpFeature;
import io.ebridge.attest.snp.SnpFirmware;
import io.ebridge.attest.snp.SnpPolicy;
import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.snp.SnpReference;
import io.ebridge.attest.snp.SnpTcb;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The part of a policy that only SEV-SNP has. */
final class SnpPolicyJson {

    private static final int MAX_U8 = 0xFF;
    private static final Pattern FIRMWARE = Pattern.compile("([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})");

    private SnpPolicyJson() {}

    static SnpPolicy read(PolicyObject object) throws PolicyFormatException {
        SnpPolicy.Builder builder = SnpPolicy.builder();
        PolicyJson.readTerms(object, builder);
        for (PolicyObject entry : object.objects("allow")) {
            builder.allow(readReference(entry));
        }
        List<Integer> vmpls = object.numbers("vmpls", 0, 3);
        List<String> providers = object.list("vlek_providers", text -> text, "a provider's name");
        List<Bytes> chips = object.list("chips", Bytes::ofHex, "hexadecimal digits");
        List<SnpProduct> products = object.list("products", SnpPolicyJson::product, "Milan, Genoa or Turin");
        Map<SnpProduct, SnpTcb> minimum = readTcbs(object, "min_tcbs");
        Map<SnpProduct, SnpTcb> minimumLaunch = readTcbs(object, "min_launch_tcbs");
        Optional<SnpFirmware> firmware =
                object.parsed("min_firmware", SnpPolicyJson::firmware, "three numbers as in 1.55.21");
        List<SnpFeature> required = object.list("require", SnpFeature::valueOf, "the name of a feature, NO_SMT say");
        Optional<Long> mitigations =
                object.parsed("required_mitigations", text -> Long.parseUnsignedLong(text, 16), "hexadecimal digits");
        boolean migration = object.flag("insecure_allow_migration_agent");
        boolean provisional = object.flag("insecure_allow_provisional_firmware");
        return object.build(() -> {
            vmpls.forEach(builder::vmpl);
            providers.forEach(builder::vlekProvider);
            chips.forEach(chip -> builder.chip(chip.toByteArray()));
            products.forEach(builder::product);
            minimum.forEach(builder::minTcb);
            minimumLaunch.forEach(builder::minLaunchTcb);
            firmware.ifPresent(builder::minFirmware);
            required.forEach(builder::require);
            mitigations.ifPresent(builder::requireMitigations);
            if (migration) {
                builder.insecureAllowMigrationAgent();
            }
            if (provisional) {
                builder.insecureAllowProvisionalFirmware();
            }
            return builder.build();
        });
    }

    private static SnpReference readReference(PolicyObject entry) throws PolicyFormatException {
        Optional<Bytes> measurement = entry.hex("measurement");
        Optional<Bytes> idKey = entry.hex("id_key_digest");
        Optional<Bytes> authorKey = entry.hex("author_key_digest");
        Optional<Bytes> family = entry.hex("family_id");
        Optional<Bytes> image = entry.hex("image_id");
        Optional<Bytes> hostData = entry.hex("host_data");
        long svn = entry.longNumber("min_guest_svn", 0, 0xFFFF_FFFFL).orElse(0L);
        entry.end();
        return entry.build(() -> new SnpReference(measurement, idKey, authorKey, family, image, hostData, svn));
    }

    private static Map<SnpProduct, SnpTcb> readTcbs(PolicyObject object, String name) throws PolicyFormatException {
        Map<SnpProduct, SnpTcb> tcbs = new EnumMap<>(SnpProduct.class);
        Optional<PolicyObject> member = object.object(name);
        if (member.isPresent()) {
            PolicyObject all = member.get();
            for (SnpProduct product : SnpProduct.values()) {
                Optional<PolicyObject> tcb = all.object(product.line());
                if (tcb.isPresent()) {
                    tcbs.put(product, readTcb(tcb.get()));
                }
            }
            all.end();
        }
        return tcbs;
    }

    private static SnpTcb readTcb(PolicyObject tcb) throws PolicyFormatException {
        SnpTcb value = new SnpTcb(
                tcb.number("fmc", 0, MAX_U8).orElse(0),
                tcb.number("bootloader", 0, MAX_U8).orElse(0),
                tcb.number("tee", 0, MAX_U8).orElse(0),
                tcb.number("snp", 0, MAX_U8).orElse(0),
                tcb.number("microcode", 0, MAX_U8).orElse(0));
        tcb.end();
        return value;
    }

    static void write(SnpPolicy policy, Map<String, Object> json) {
        List<Map<String, Object>> allowed = new ArrayList<>();
        for (SnpReference reference : policy.allowed()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            reference.measurement().ifPresent(value -> entry.put("measurement", value));
            reference.idKeyDigest().ifPresent(value -> entry.put("id_key_digest", value));
            reference.authorKeyDigest().ifPresent(value -> entry.put("author_key_digest", value));
            reference.familyId().ifPresent(value -> entry.put("family_id", value));
            reference.imageId().ifPresent(value -> entry.put("image_id", value));
            reference.hostData().ifPresent(value -> entry.put("host_data", value));
            if (reference.minGuestSvn() != 0) {
                entry.put("min_guest_svn", reference.minGuestSvn());
            }
            allowed.add(entry);
        }
        json.put("allow", allowed);
        if (!policy.vmpls().equals(Set.of(0))) {
            json.put("vmpls", policy.vmpls());
        }
        PolicyJson.putList("vlek_providers", policy.vlekProviders(), json);
        PolicyJson.putList("chips", policy.chips(), json);
        if (!policy.products().equals(EnumSet.allOf(SnpProduct.class))) {
            json.put(
                    "products", policy.products().stream().map(SnpProduct::line).toList());
        }
        writeTcbs("min_tcbs", policy.minTcbs(), json);
        writeTcbs("min_launch_tcbs", policy.minLaunchTcbs(), json);
        policy.minFirmware().ifPresent(value -> json.put("min_firmware", value));
        PolicyJson.putList("require", policy.required(), json);
        if (policy.requiredMitigations() != 0) {
            json.put("required_mitigations", Long.toHexString(policy.requiredMitigations()));
        }
        PolicyJson.putFlag("insecure_allow_migration_agent", policy.allowsMigrationAgent(), json);
        PolicyJson.putFlag("insecure_allow_provisional_firmware", policy.allowsProvisionalFirmware(), json);
    }

    private static void writeTcbs(String name, Map<SnpProduct, SnpTcb> tcbs, Map<String, Object> json) {
        if (tcbs.isEmpty()) {
            return;
        }
        Map<String, Object> all = new LinkedHashMap<>();
        for (SnpProduct product : SnpProduct.values()) {
            SnpTcb tcb = tcbs.get(product);
            if (tcb != null) {
                Map<String, Object> parts = new LinkedHashMap<>();
                parts.put("fmc", tcb.fmc());
                parts.put("bootloader", tcb.bootloader());
                parts.put("tee", tcb.tee());
                parts.put("snp", tcb.snp());
                parts.put("microcode", tcb.microcode());
                all.put(product.line(), parts);
            }
        }
        json.put(name, all);
    }

    private static SnpProduct product(String line) {
        for (SnpProduct product : SnpProduct.values()) {
            if (product.line().equals(line)) {
                return product;
            }
        }
        throw new IllegalArgumentException(line);
    }

    private static SnpFirmware firmware(String text) {
        Matcher matcher = FIRMWARE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        return new SnpFirmware(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)));
    }
}
