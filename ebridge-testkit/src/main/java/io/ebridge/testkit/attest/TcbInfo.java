package io.ebridge.testkit.attest;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Intel's TCB info, version 3 or 2, before it is written as JSON (Intel PCS API version 4, "Get TCB Info"). */
final class TcbInfo {
    /** One TCB level. */
    static final class Level {
        int[] sgx;
        int pcesvn;
        int[] tdx;
        String date;
        String status;
        List<String> advisories;

        Level(int[] sgx, int pcesvn, int[] tdx, String date, String status, List<String> advisories) {
            this.sgx = sgx.clone();
            this.pcesvn = pcesvn;
            this.tdx = tdx.clone();
            this.date = date;
            this.status = status;
            this.advisories = List.copyOf(advisories);
        }
    }

    /** A TDX module and its levels by ISVSVN. */
    static final class Module {
        String id;
        String mrsigner = "00".repeat(48);
        String attributes = "00".repeat(8);
        String attributesMask = "FF".repeat(8);
        final List<SvnLevel> levels = new ArrayList<>();

        Module(String id) {
            this.id = id;
        }
    }

    /** A level of an enclave or module. */
    record SvnLevel(int isvsvn, String date, String status, List<String> advisories) {
        String json() {
            Json j = new Json()
                    .raw("tcb", new Json().number("isvsvn", isvsvn).toString())
                    .text("tcbDate", date)
                    .text("tcbStatus", status);
            if (!advisories.isEmpty()) {
                j.strings("advisoryIDs", advisories);
            }
            return j.toString();
        }
    }

    private static final String[] SGX_CATEGORIES = {"BIOS", "OS/VMM", "OS/VMM", "BIOS", "BIOS", "BIOS", "", "OS/VMM"};
    private static final String[] SGX_TYPES = {
        "Early Microcode Update", "SGX Late Microcode Update", "TXT SINIT", "", "", "", "", "SEAMLDR ACM"
    };
    private static final String[] TDX_TYPES = {"TDX Module", "TDX Module", "TDX Late Microcode Update"};

    String id;
    int version = 3;
    Instant issueDate;
    Instant nextUpdate;
    String fmspc;
    String pceId;
    int evaluationNumber;
    final List<Module> modules = new ArrayList<>();
    /** Says that it is for the other kind of TEE, and is well-formed as such. */
    boolean otherTee;

    String moduleSigner = "00".repeat(48);
    String moduleAttributes = "00".repeat(8);
    final List<Level> levels = new ArrayList<>();

    TcbInfo(String id, Instant issueDate, Instant nextUpdate, String fmspc, String pceId, int evaluationNumber) {
        this.id = id;
        this.issueDate = issueDate;
        this.nextUpdate = nextUpdate;
        this.fmspc = fmspc;
        this.pceId = pceId;
        this.evaluationNumber = evaluationNumber;
    }

    private boolean tdx() {
        return id.equals("TDX") != otherTee;
    }

    String json() {
        Json j = new Json();
        if (version > 2) {
            j.text("id", tdx() ? "TDX" : "SGX");
        }
        j.number("version", version)
                .time("issueDate", issueDate)
                .time("nextUpdate", nextUpdate)
                .text("fmspc", fmspc)
                .text("pceId", pceId)
                .number("tcbType", 0)
                .number("tcbEvaluationDataNumber", evaluationNumber);
        if (tdx()) {
            j.raw(
                    "tdxModule",
                    new Json()
                            .text("mrsigner", moduleSigner)
                            .text("attributes", moduleAttributes)
                            .text("attributesMask", "FF".repeat(8))
                            .toString());
            j.array("tdxModuleIdentities", modules.stream().map(TcbInfo::module).toList());
        }
        return j.array("tcbLevels", levels.stream().map(this::level).toList()).toString();
    }

    private static String module(Module m) {
        return new Json()
                .text("id", m.id)
                .text("mrsigner", m.mrsigner)
                .text("attributes", m.attributes)
                .text("attributesMask", m.attributesMask)
                .array("tcbLevels", m.levels.stream().map(SvnLevel::json).toList())
                .toString();
    }

    private String level(Level l) {
        Json tcb = new Json();
        if (version > 2) {
            tcb.array("sgxtcbcomponents", components(l.sgx, tdx() ? SGX_TYPES : new String[0]))
                    .number("pcesvn", l.pcesvn);
            if (tdx()) {
                tcb.array("tdxtcbcomponents", components(l.tdx, TDX_TYPES));
            }
        } else {
            for (int i = 0; i < l.sgx.length; i++) {
                tcb.number("sgxtcbcomp" + (i < 9 ? "0" : "") + (i + 1) + "svn", l.sgx[i]);
            }
            tcb.number("pcesvn", l.pcesvn);
        }
        Json j = new Json().raw("tcb", tcb.toString()).text("tcbDate", l.date).text("tcbStatus", l.status);
        if (!l.advisories.isEmpty()) {
            j.strings("advisoryIDs", l.advisories);
        }
        return j.toString();
    }

    private static List<String> components(int[] svns, String[] types) {
        List<String> out = new ArrayList<>();
        for (int i = 0; i < svns.length; i++) {
            Json c = new Json().number("svn", svns[i]);
            if (i < types.length) {
                String category = types == TDX_TYPES ? "OS/VMM" : SGX_CATEGORIES[i];
                if (!category.isEmpty()) {
                    c.text("category", category);
                }
                if (!types[i].isEmpty()) {
                    c.text("type", types[i]);
                }
            }
            out.add(c.toString());
        }
        return out;
    }
}
