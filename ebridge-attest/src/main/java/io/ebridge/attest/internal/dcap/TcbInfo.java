package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonValue;
import io.ebridge.attest.json.JsonValue.ObjectValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What Intel says of a family of platforms (PCS API version 4, TCB info version 3; version 2 of API version 3 on request).
 *
 * @param version 2 or 3
 * @param id {@code SGX} or {@code TDX}; version 2, which has none, is {@code SGX}
 * @param window issue date to next update
 * @param fmspc 6 bytes
 * @param pceId 2 bytes
 * @param evaluationDataNumber of which TCB recovery
 * @param module the TDX module with version 0; TDX only
 * @param modules the TDX modules with other versions; TDX only
 * @param levels highest first, by SGX components, PCESVN, TDX components, whatever the document's order
 */
record TcbInfo(
        int version,
        String id,
        ValidityWindow window,
        Bytes fmspc,
        Bytes pceId,
        int evaluationDataNumber,
        Optional<TdxModule> module,
        List<TdxModule> modules,
        List<Level> levels) {

    static final String SGX = "SGX";
    static final String TDX = "TDX";

    private static final int COMPONENTS = 16;
    /** A component is a byte; Intel's own sample documents have more, which no platform reaches. */
    private static final int MAX_SVN = 0xFFFF;

    private static final EnumSet<TcbStatus> STATES = EnumSet.complementOf(EnumSet.of(
            TcbStatus.NOT_SUPPORTED, TcbStatus.RELAUNCH_ADVISED, TcbStatus.RELAUNCH_ADVISED_CONFIGURATION_NEEDED));

    /** One level: what a platform must reach, and what it then is. {@code names} describe the components, for messages. */
    record Level(
            int[] sgx, int pceSvn, int[] tdx, Instant date, TcbStatus status, List<String> advisories, String[] names) {

        private static final Comparator<Level> ASCENDING = Comparator.comparing(Level::sgx, Arrays::compare)
                .thenComparingInt(Level::pceSvn)
                .thenComparing(Level::tdx, Arrays::compare);
    }

    static TcbInfo parse(SignedDocument document, boolean acceptVersion2) throws EvidenceRejectedException {
        ObjectValue body = document.body();
        try {
            int version = body.require("version").asInt(0, Integer.MAX_VALUE);
            if (version != 3 && !(version == 2 && acceptVersion2)) {
                throw new EvidenceRejectedException(
                        document.kind().version,
                        "TCB info of version " + version + "; 3 is supported"
                                + (version == 2 ? ", and 2 where the strictness accepts it" : ""));
            }
            String id = version == 2 ? SGX : body.require("id").asString();
            if (!id.equals(SGX) && !id.equals(TDX)) {
                throw new JsonException("expected the id SGX or TDX", body.start());
            }
            boolean tdx = id.equals(TDX);
            body.require("tcbType").asInt(0, 0);
            List<Level> levels = new ArrayList<>();
            for (JsonValue level : body.require("tcbLevels").asArray()) {
                levels.add(level(level.asObject(), version, tdx));
            }
            levels.sort(Level.ASCENDING.reversed());
            return new TcbInfo(
                    version,
                    id,
                    document.window(),
                    JsonFields.hex(body.require("fmspc"), 6),
                    JsonFields.hex(body.require("pceId"), 2),
                    body.require("tcbEvaluationDataNumber").asInt(0, Integer.MAX_VALUE),
                    tdx ? Optional.of(TdxModule.parse(body.require("tdxModule").asObject(), false)) : Optional.empty(),
                    tdx ? modules(body) : List.of(),
                    List.copyOf(levels));
        } catch (JsonException e) {
            throw new EvidenceRejectedException(
                    document.kind().malformed, "the TCB info does not parse: " + e.getMessage(), e);
        }
    }

    /** The module identity for a version, which is listed at most once. */
    Optional<TdxModule> module(int moduleVersion) {
        String wanted = TdxModule.idOf(moduleVersion);
        return modules.stream().filter(m -> m.id().equals(Optional.of(wanted))).findFirst();
    }

    private static List<TdxModule> modules(ObjectValue body) throws JsonException {
        List<TdxModule> modules = new ArrayList<>();
        Optional<JsonValue> identities = body.find("tdxModuleIdentities");
        if (identities.isPresent()) {
            for (JsonValue identity : identities.get().asArray()) {
                TdxModule module = TdxModule.parse(identity.asObject(), true);
                if (modules.stream().anyMatch(m -> m.id().equals(module.id()))) {
                    throw new JsonException("a TDX module is listed twice", identity.start());
                }
                modules.add(module);
            }
        }
        return List.copyOf(modules);
    }

    private static Level level(ObjectValue level, int version, boolean tdx) throws JsonException {
        ObjectValue tcb = level.require("tcb").asObject();
        int[] sgxComponents = new int[COMPONENTS];
        int[] tdxComponents = new int[tdx ? COMPONENTS : 0];
        String[] names = new String[2 * COMPONENTS];
        Arrays.fill(names, "");
        if (version == 2) {
            for (int i = 0; i < COMPONENTS; i++) {
                String name = String.format(Locale.ROOT, "sgxtcbcomp%02dsvn", i + 1);
                sgxComponents[i] = tcb.require(name).asInt(0, MAX_SVN);
            }
        } else {
            components(tcb.require("sgxtcbcomponents"), sgxComponents, names, 0);
            if (tdx) {
                components(tcb.require("tdxtcbcomponents"), tdxComponents, names, COMPONENTS);
            }
        }
        return new Level(
                sgxComponents,
                tcb.require("pcesvn").asInt(0, 0xFFFF),
                tdxComponents,
                JsonFields.instant(level.require("tcbDate")),
                JsonFields.status(level.require("tcbStatus"), STATES),
                JsonFields.advisories(level),
                names);
    }

    private static void components(JsonValue array, int[] into, String[] names, int nameAt) throws JsonException {
        List<JsonValue> components = array.asArray();
        if (components.size() != into.length) {
            throw new JsonException("expected " + into.length + " components", array.start());
        }
        for (int i = 0; i < into.length; i++) {
            ObjectValue component = components.get(i).asObject();
            into[i] = component.require("svn").asInt(0, MAX_SVN);
            StringBuilder name = new StringBuilder();
            Optional<JsonValue> type = component.find("type");
            if (type.isPresent()) {
                name.append(' ').append(JsonFields.text(type.get()));
            }
            Optional<JsonValue> category = component.find("category");
            if (category.isPresent()) {
                name.append(" (").append(JsonFields.text(category.get())).append(')');
            }
            names[nameAt + i] = name.toString();
        }
    }
}
