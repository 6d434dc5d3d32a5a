package io.ebridge.attest.internal.policy;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.PolicyFormatException;
import io.ebridge.attest.intel.IntelPlatform.SgxType;
import io.ebridge.attest.intel.TcbPolicy;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxReference;
import io.ebridge.attest.tdx.TdAttribute;
import io.ebridge.attest.tdx.TdxPolicy;
import io.ebridge.attest.tdx.TdxReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The parts of policies that SGX and TDX have, and what both say of the platform's TCB. */
final class IntelPolicyJson {

    private static final int MAX_U16 = 0xFFFF;
    private static final String TDX_REGISTERS = "rtmr";

    private IntelPolicyJson() {}

    static SgxPolicy readSgx(PolicyObject object) throws PolicyFormatException {
        SgxPolicy.Builder builder = SgxPolicy.builder();
        PolicyJson.readTerms(object, builder);
        for (PolicyObject entry : object.objects("allow")) {
            Optional<Bytes> mrEnclave = entry.hex("mrenclave");
            Optional<Bytes> mrSigner = entry.hex("mrsigner");
            Optional<Integer> product = entry.number("isv_prod_id", 0, MAX_U16);
            Optional<Integer> version = entry.number("min_isv_svn", 0, MAX_U16);
            Optional<Bytes> configId = entry.hex("config_id");
            Optional<Integer> configSvn = entry.number("min_config_svn", 0, MAX_U16);
            Optional<Bytes> extProduct = entry.hex("isv_ext_prod_id");
            Optional<Bytes> family = entry.hex("isv_family_id");
            entry.end();
            builder.allow(entry.build(() ->
                    new SgxReference(mrEnclave, mrSigner, product, version, configId, configSvn, extProduct, family)));
        }
        Optional<PolicyObject> tcb = object.object("tcb");
        if (tcb.isPresent()) {
            builder.tcb(readTcb(tcb.get()));
        }
        return object.build(builder::build);
    }

    static void writeSgx(SgxPolicy policy, Map<String, Object> json) {
        List<Map<String, Object>> allowed = new ArrayList<>();
        for (SgxReference reference : policy.allowed()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            reference.mrEnclave().ifPresent(value -> entry.put("mrenclave", value));
            reference.mrSigner().ifPresent(value -> entry.put("mrsigner", value));
            reference.isvProdId().ifPresent(value -> entry.put("isv_prod_id", value));
            reference.minIsvSvn().ifPresent(value -> entry.put("min_isv_svn", value));
            reference.configId().ifPresent(value -> entry.put("config_id", value));
            reference.minConfigSvn().ifPresent(value -> entry.put("min_config_svn", value));
            reference.isvExtProdId().ifPresent(value -> entry.put("isv_ext_prod_id", value));
            reference.isvFamilyId().ifPresent(value -> entry.put("isv_family_id", value));
            allowed.add(entry);
        }
        json.put("allow", allowed);
        writeTcb(policy.tcb(), json);
    }

    static TdxPolicy readTdx(PolicyObject object) throws PolicyFormatException {
        TdxPolicy.Builder builder = TdxPolicy.builder();
        PolicyJson.readTerms(object, builder);
        for (PolicyObject entry : object.objects("allow")) {
            builder.allow(readTdxReference(entry));
        }
        Optional<PolicyObject> tcb = object.object("tcb");
        if (tcb.isPresent()) {
            builder.tcb(readTcb(tcb.get()));
        }
        List<TdAttribute> attributes =
                object.list("allow_attributes", TdAttribute::valueOf, "the name of an attribute, PKS say");
        boolean septVe = object.flag("insecure_allow_sept_ve");
        Optional<Long> xfam = object.parsed("allowed_xfam", text -> Long.parseLong(text, 16), "hexadecimal digits");
        List<Bytes> serviceTds = object.list("allow_service_tds", Bytes::ofHex, "hexadecimal digits");
        return object.build(() -> {
            builder.allowAttributes(attributes.toArray(TdAttribute[]::new));
            if (septVe) {
                builder.insecureAllowSeptVe();
            }
            xfam.ifPresent(builder::allowedXfam);
            serviceTds.forEach(builder::allowServiceTd);
            return builder.build();
        });
    }

    private static TdxReference readTdxReference(PolicyObject entry) throws PolicyFormatException {
        Optional<Bytes> mrTd = entry.hex("mrtd");
        List<Optional<Bytes>> registers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            registers.add(entry.hex(TDX_REGISTERS + i));
        }
        Optional<Bytes> configId = entry.hex("mrconfigid");
        Optional<Bytes> owner = entry.hex("mrowner");
        Optional<Bytes> ownerConfig = entry.hex("mrownerconfig");
        Optional<Bytes> seam = entry.hex("mrseam");
        boolean firmwareOnly = entry.flag("insecure_firmware_only");
        entry.end();
        return entry.build(() -> {
            TdxReference.Builder reference = TdxReference.builder();
            mrTd.ifPresent(reference::mrTd);
            for (int i = 0; i < 4; i++) {
                int index = i;
                registers.get(i).ifPresent(value -> reference.rtmr(index, value));
            }
            configId.ifPresent(reference::mrConfigId);
            owner.ifPresent(reference::mrOwner);
            ownerConfig.ifPresent(reference::mrOwnerConfig);
            seam.ifPresent(reference::mrSeam);
            if (firmwareOnly) {
                reference.insecureFirmwareOnly();
            }
            return reference.build();
        });
    }

    static void writeTdx(TdxPolicy policy, Map<String, Object> json) {
        List<Map<String, Object>> allowed = new ArrayList<>();
        for (TdxReference reference : policy.allowed()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            boolean[] register = {false};
            reference.values().forEach((field, value) -> {
                String name = field.toLowerCase(Locale.ROOT);
                register[0] |= name.startsWith(TDX_REGISTERS);
                entry.put(name, value);
            });
            PolicyJson.putFlag("insecure_firmware_only", !register[0], entry);
            allowed.add(entry);
        }
        json.put("allow", allowed);
        writeTcb(policy.tcb(), json);
        PolicyJson.putList("allow_attributes", policy.allowedAttributes(), json);
        PolicyJson.putFlag("insecure_allow_sept_ve", !policy.requiresSeptVeDisable(), json);
        if (policy.allowedXfam() != TdxPolicy.KNOWN_XFAM) {
            json.put("allowed_xfam", Long.toHexString(policy.allowedXfam()));
        }
        PolicyJson.putList("allow_service_tds", policy.allowedServiceTds(), json);
    }

    private static TcbPolicy readTcb(PolicyObject object) throws PolicyFormatException {
        List<TcbStatus> accept = object.list("accept", IntelPolicyJson::status, "a TCB status, SWHardeningNeeded say");
        List<TcbStatus> insecure =
                object.list("insecure_accept", IntelPolicyJson::status, "a TCB status, OutOfDate say");
        List<String> advisories = object.list("accept_advisories", text -> text, "an advisory, INTEL-SA-00615 say");
        boolean anyAdvisory = object.flag("insecure_accept_any_advisory");
        Optional<PolicyObject> grace = object.object("accept_out_of_date");
        Optional<Integer> number = object.number("min_evaluation_data_number", 0, Integer.MAX_VALUE);
        Optional<Duration> age = object.duration("max_collateral_age");
        boolean smt = object.flag("require_smt_disabled");
        boolean dynamic = object.flag("reject_dynamic_platform");
        boolean cached = object.flag("reject_cached_keys");
        List<SgxType> types =
                object.list("sgx_types", SgxType::valueOf, "STANDARD, SCALABLE or SCALABLE_WITH_INTEGRITY");
        object.end();
        TcbPolicy.Builder builder = TcbPolicy.builder();
        if (grace.isPresent()) {
            Instant from = grace.get().instant("tcb_date_not_before").orElseThrow(() -> grace.get()
                    .missing("tcb_date_not_before"));
            Instant until =
                    grace.get().instant("until").orElseThrow(() -> grace.get().missing("until"));
            grace.get().end();
            builder.acceptOutOfDateUntil(from, until);
        }
        return object.build(() -> {
            builder.accept(accept.toArray(TcbStatus[]::new));
            builder.insecureAccept(insecure.toArray(TcbStatus[]::new));
            builder.acceptAdvisories(advisories.toArray(String[]::new));
            if (anyAdvisory) {
                builder.insecureAcceptAnyAdvisory();
            }
            number.ifPresent(builder::minEvaluationDataNumber);
            age.ifPresent(builder::maxCollateralAge);
            if (smt) {
                builder.requireSmtDisabled();
            }
            if (dynamic) {
                builder.rejectDynamicPlatform();
            }
            if (cached) {
                builder.rejectCachedKeys();
            }
            if (!types.isEmpty()) {
                builder.sgxTypes(types.toArray(SgxType[]::new));
            }
            return builder.build();
        });
    }

    private static void writeTcb(TcbPolicy policy, Map<String, Object> json) {
        Map<String, Object> tcb = new LinkedHashMap<>();
        List<String> accept = new ArrayList<>();
        List<String> insecure = new ArrayList<>();
        for (TcbStatus status : policy.accepted()) {
            boolean bad = status.outOfDate() || status == TcbStatus.NOT_SUPPORTED || status == TcbStatus.REVOKED;
            if (status != TcbStatus.UP_TO_DATE) {
                (bad ? insecure : accept).add(status.label());
            }
        }
        PolicyJson.putList("accept", accept, tcb);
        PolicyJson.putList("insecure_accept", insecure, tcb);
        PolicyJson.putList("accept_advisories", policy.acceptedAdvisories(), tcb);
        PolicyJson.putFlag("insecure_accept_any_advisory", policy.acceptsAnyAdvisory(), tcb);
        policy.grace().ifPresent(grace -> {
            Map<String, Object> dates = new LinkedHashMap<>();
            dates.put("tcb_date_not_before", grace.tcbDateNotBefore());
            dates.put("until", grace.until());
            tcb.put("accept_out_of_date", dates);
        });
        if (policy.minEvaluationDataNumber() != 0) {
            tcb.put("min_evaluation_data_number", policy.minEvaluationDataNumber());
        }
        policy.maxCollateralAge().ifPresent(age -> tcb.put("max_collateral_age", age));
        PolicyJson.putFlag("require_smt_disabled", policy.requiresSmtDisabled(), tcb);
        PolicyJson.putFlag("reject_dynamic_platform", policy.rejectsDynamicPlatform(), tcb);
        PolicyJson.putFlag("reject_cached_keys", policy.rejectsCachedKeys(), tcb);
        Set<SgxType> types = policy.sgxTypes();
        if (!types.equals(EnumSet.allOf(SgxType.class))) {
            tcb.put("sgx_types", types);
        }
        if (!tcb.isEmpty()) {
            json.put("tcb", tcb);
        }
    }

    private static TcbStatus status(String label) {
        for (TcbStatus status : TcbStatus.values()) {
            if (status.label().equals(label)) {
                return status;
            }
        }
        throw new IllegalArgumentException(label);
    }
}
