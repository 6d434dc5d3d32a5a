package io.ebridge.attest.internal.policy;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.PolicyFormatException;
import io.ebridge.attest.PolicyFormatException.Reason;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonLimits;
import io.ebridge.attest.json.JsonReader;
import io.ebridge.attest.json.JsonValue;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.snp.SnpPolicy;
import io.ebridge.attest.tdx.TdxPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads and writes policies: what all formats have in common, and the way to each format's own part. */
public final class PolicyJson {

    private static final JsonLimits LIMITS = new JsonLimits(1 << 20, 8, 65_536);
    private static final String FULL = "full";

    private PolicyJson() {}

    /** Reads a policy. */
    public static AppraisalPolicy read(String json) throws PolicyFormatException {
        PolicyObject object;
        try {
            JsonValue value = JsonReader.read(json.getBytes(StandardCharsets.UTF_8), LIMITS);
            object = new PolicyObject("", value.asObject());
        } catch (JsonException e) {
            throw new PolicyFormatException(
                    Reason.SYNTAX, "the text is no JSON object: " + e.getMessage() + " at byte " + e.offset(), e);
        }
        EvidenceFormat format = object.parsed("format", PolicyJson::format, "nitro, sgx, tdx or snp")
                .orElseThrow(() -> object.missing("format"));
        AppraisalPolicy policy =
                switch (format) {
                    case NITRO -> NitroPolicyJson.read(object);
                    case SGX -> IntelPolicyJson.readSgx(object);
                    case TDX -> IntelPolicyJson.readTdx(object);
                    case SNP -> SnpPolicyJson.read(object);
                };
        Optional<Bytes> nonce = object.hex("nonce");
        Optional<Bytes> key = object.hex("public_key_sha256");
        object.end();
        return object.build(() -> {
            AppraisalPolicy complete = policy;
            if (nonce.isPresent()) {
                complete = complete.withNonce(nonce.get().toByteArray());
            }
            if (key.isPresent()) {
                complete = complete.withPublicKeySha256(key.get().toByteArray());
            }
            return complete;
        });
    }

    /** Writes a policy; what is as by default is left out. */
    public static String write(AppraisalPolicy policy) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", policy.format().name().toLowerCase(Locale.ROOT));
        if (!policy.maxAge().equals(AppraisalPolicy.DEFAULT_MAX_AGE)) {
            json.put("max_age", policy.maxAge());
        }
        if (!policy.clockSkew().isZero()) {
            json.put("clock_skew", policy.clockSkew());
        }
        writeStrictness(policy.strictness(), json);
        putFlag("insecure_allow_debug", policy.allowsDebug(), json);
        policy.reportData().ifPresent(value -> json.put("report_data", value));
        policy.nonce().ifPresent(value -> json.put("nonce", value));
        policy.publicKeySha256().ifPresent(value -> json.put("public_key_sha256", value));
        if (policy instanceof NitroPolicy nitro) {
            NitroPolicyJson.write(nitro, json);
        } else if (policy instanceof SgxPolicy sgx) {
            IntelPolicyJson.writeSgx(sgx, json);
        } else if (policy instanceof TdxPolicy tdx) {
            IntelPolicyJson.writeTdx(tdx, json);
        } else if (policy instanceof SnpPolicy snp) {
            SnpPolicyJson.write(snp, json);
        }
        return JsonText.of(json);
    }

    /** Reads what all builders have in common. */
    static void readTerms(PolicyObject object, AppraisalPolicy.Builder<?> builder) throws PolicyFormatException {
        Optional<Duration> maxAge = object.duration("max_age");
        Optional<Duration> clockSkew = object.duration("clock_skew");
        Optional<Bytes> reportData = object.hex("report_data");
        Strictness strictness = readStrictness(object);
        boolean debug = object.flag("insecure_allow_debug");
        object.build(() -> {
            maxAge.ifPresent(builder::maxAge);
            clockSkew.ifPresent(builder::clockSkew);
            reportData.ifPresent(value -> builder.reportData(value.toByteArray()));
            builder.strictness(strictness);
            if (debug) {
                builder.insecureAllowDebug();
            }
            return builder;
        });
    }

    private static Strictness readStrictness(PolicyObject object) throws PolicyFormatException {
        Strictness strictness = object.parsed(
                        "collateral",
                        text -> switch (text) {
                            case FULL -> Strictness.full();
                            case "insecure_without_revocation" ->
                                Strictness.full().insecureWithoutRevocation();
                            case "insecure_with_partial_tcb" ->
                                Strictness.full().insecureWithPartialTcb();
                            case "insecure_signatures_only" -> Strictness.full().insecureSignaturesOnly();
                            default -> throw new IllegalArgumentException(text);
                        },
                        "full, insecure_without_revocation, insecure_with_partial_tcb or insecure_signatures_only")
                .orElse(Strictness.full());
        Strictness trailing = strictness;
        strictness = object.parsed(
                        "trailing_bytes",
                        text -> switch (text) {
                            case "zero" -> trailing;
                            case "none" -> trailing.rejectTrailingZeros();
                            case "insecure_any" -> trailing.insecureIgnoreTrailingBytes();
                            default -> throw new IllegalArgumentException(text);
                        },
                        "zero, none or insecure_any")
                .orElse(strictness);
        if (object.flag("insecure_accept_tcb_info_v2")) {
            strictness = strictness.insecureAcceptTcbInfoV2();
        }
        if (object.flag("accept_unordered_chain")) {
            strictness = strictness.acceptUnorderedChain();
        }
        return object.flag("insecure_archived") ? strictness.insecureArchived() : strictness;
    }

    private static void writeStrictness(Strictness strictness, Map<String, Object> json) {
        switch (strictness.level()) {
            case FULL -> {}
            case WITHOUT_REVOCATION -> json.put("collateral", "insecure_without_revocation");
            case PARTIAL_TCB -> json.put("collateral", "insecure_with_partial_tcb");
            case SIGNATURES_ONLY -> json.put("collateral", "insecure_signatures_only");
        }
        switch (strictness.trailing()) {
            case ZERO -> {}
            case NONE -> json.put("trailing_bytes", "none");
            case ANY -> json.put("trailing_bytes", "insecure_any");
        }
        putFlag("insecure_accept_tcb_info_v2", strictness.acceptsTcbInfoV2(), json);
        putFlag("accept_unordered_chain", strictness.acceptsUnorderedChain(), json);
        putFlag("insecure_archived", strictness.archived(), json);
    }

    static void putFlag(String name, boolean value, Map<String, Object> json) {
        if (value) {
            json.put(name, true);
        }
    }

    static void putList(String name, java.util.Collection<?> values, Map<String, Object> json) {
        if (!values.isEmpty()) {
            json.put(name, values);
        }
    }

    private static EvidenceFormat format(String text) {
        if (!text.equals(text.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(text);
        }
        return EvidenceFormat.valueOf(text.toUpperCase(Locale.ROOT));
    }
}
