package io.ebridge.testkit.attest;

import io.ebridge.attest.Collateral.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** How the defects of Intel's signed documents are made: TCB info, QE identity, TCB evaluation data numbers. */
final class DcapDocumentDefects {
    private DcapDocumentDefects() {}

    static void addTo(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        tcbInfo(m);
        qeIdentity(m);
        evaluationNumbers(m);
    }

    private static Function<Defects.Scene, Tampering> tcb(Consumer<TcbInfo> change) {
        return Defects.change(Site.TCB_INFO, change);
    }

    private static Function<Defects.Scene, Tampering> qe(Consumer<QeIdentity> change) {
        return Defects.change(Site.QE_IDENTITY, change);
    }

    /** Changes the text before it is signed, so that only the content is wrong. */
    private static Function<Defects.Scene, Tampering> signedAnew(
            Site<Site.SignedJson> site, Function<String, String> change) {
        return s -> Tampering.in(site, j -> {
            j.body = change.apply(new String(j.body, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
            j.signature = Forges.of(s.seed()).intel().pki().tcbKey().signRaw(j.body);
        });
    }

    private static Function<Defects.Scene, Tampering> badSignature(Site<Site.SignedJson> site) {
        return Defects.change(site, j -> j.signature[63] ^= 1);
    }

    /** The same JSON value in other bytes, under the old signature. */
    private static Function<Defects.Scene, Tampering> rewritten(Site<Site.SignedJson> site) {
        return Defects.change(
                site,
                j -> j.body = new String(j.body, StandardCharsets.UTF_8)
                        .replaceFirst("\\{", "{ ")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static String withoutFirst(String json, String member) {
        return json.replaceFirst("\"" + member + "\":(\"[^\"]*\"|[0-9]+),", "");
    }

    private static Function<Defects.Scene, Tampering> wrongSigner(Kind chain) {
        // A chain of the same root whose leaf is the PCK CA, not the TCB signer.
        return Defects.change(Site.COLLATERAL, c -> c.put(chain, c.one(Kind.PCK_CRL_CHAIN)));
    }

    private static void tcbInfo(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.TCB_INFO_MISSING, DcapDefects.collateral(c -> c.remove(Kind.TCB_INFO)));
        m.put(Defect.TCB_INFO_NO_LEVELS, signedAnew(Site.TCB_INFO_JSON, j -> withoutFirst(j, "fmspc")));
        m.put(
                Defect.TCB_INFO_DUPLICATE_MEMBER,
                signedAnew(Site.TCB_INFO_JSON, j -> j.replaceFirst("\\{", "{\"tcbType\":0,")));
        m.put(
                Defect.TCB_INFO_UNKNOWN_STATUS,
                signedAnew(Site.TCB_INFO_JSON, j -> j.replaceFirst("\"UpToDate\"", "\"Splendid\"")));
        m.put(
                Defect.TCB_INFO_HOUR_24,
                signedAnew(
                        Site.TCB_INFO_JSON,
                        j -> j.replaceFirst("(?<=\"tcbDate\":\"[-0-9]{10}T)[0-9:]*Z", "24:00:00Z")));
        m.put(Defect.TCB_INFO_VERSION_4, tcb(t -> t.version = 4));
        m.put(Defect.TCB_INFO_VERSION_2, tcb(t -> t.version = 2));
        m.put(Defect.TCB_INFO_SIGNER, wrongSigner(Kind.TCB_INFO_CHAIN));
        m.put(Defect.TCB_INFO_SIGNATURE, badSignature(Site.TCB_INFO_JSON));
        m.put(Defect.TCB_INFO_REWRITTEN, rewritten(Site.TCB_INFO_JSON));
        m.put(
                Defect.TCB_INFO_EXPIRED,
                s -> Tampering.in(Site.TCB_INFO, t -> {
                    t.nextUpdate = s.second().minusSeconds(2);
                    t.issueDate = t.nextUpdate.minus(Duration.ofDays(1));
                }));
        m.put(
                Defect.TCB_INFO_NOT_YET_VALID,
                s -> Tampering.in(Site.TCB_INFO, t -> t.issueDate = s.second().plusSeconds(600)));
        m.put(Defect.TCB_INFO_OF_OTHER_TEE, s -> Tampering.in(Site.TCB_INFO, t -> t.otherTee = true));
        m.put(Defect.TCB_INFO_FMSPC, tcb(t -> t.fmspc = "FFFFFFFFFFFF"));
        m.put(Defect.TCB_INFO_PCEID, tcb(t -> t.pceId = "0001"));
        m.put(Defect.TCB_INFO_EVALUATION_NUMBER, tcb(t -> t.evaluationNumber--));
        m.put(Defect.TCB_INFO_TOO_OLD, s -> Tampering.in(Site.TCB_INFO, t -> t.issueDate = DcapDefects.longAgo(s)));
        m.put(Defect.TDX_MODULE_UNKNOWN, tcb(t -> t.modules.remove(t.modules.size() - 1)));
        m.put(Defect.TDX_MODULE_SIGNER, DcapDefects.quote(q -> q.body[64] = 1));
        m.put(Defect.TDX_MODULE_ATTRIBUTES, DcapDefects.quote(q -> q.body[112] = 1));
        m.put(Defect.TDX_MODULE_ATTRIBUTES_UNMASKED, s -> DcapDefects.quote(q -> q.body[112] = 1)
                .apply(s)
                .and(Tampering.in(
                        Site.TCB_INFO, t -> t.modules.forEach(m2 -> m2.attributesMask = "FE" + "FF".repeat(7)))));
    }

    private static void qeIdentity(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.QE_IDENTITY_MISSING, DcapDefects.collateral(c -> c.remove(Kind.QE_IDENTITY)));
        m.put(Defect.QE_IDENTITY_MALFORMED, signedAnew(Site.QE_IDENTITY_JSON, j -> withoutFirst(j, "mrsigner")));
        m.put(Defect.QE_IDENTITY_VERSION, qe(i -> i.version = 3));
        m.put(Defect.QE_IDENTITY_SIGNER, wrongSigner(Kind.QE_IDENTITY_CHAIN));
        m.put(Defect.QE_IDENTITY_SIGNATURE, badSignature(Site.QE_IDENTITY_JSON));
        m.put(Defect.QE_IDENTITY_REWRITTEN, rewritten(Site.QE_IDENTITY_JSON));
        m.put(
                Defect.QE_IDENTITY_EXPIRED,
                s -> Tampering.in(Site.QE_IDENTITY, i -> {
                    i.nextUpdate = s.second().minusSeconds(2);
                    i.issueDate = i.nextUpdate.minus(Duration.ofDays(1));
                }));
        m.put(
                Defect.QE_IDENTITY_NOT_YET_VALID,
                s -> Tampering.in(
                        Site.QE_IDENTITY, i -> i.issueDate = s.second().plusSeconds(600)));
        m.put(Defect.QE_IDENTITY_OF_OTHER_ENCLAVE, qe(i -> i.id = i.id.equals("QE") ? "TD_QE" : "QE"));
        m.put(Defect.QE_IDENTITY_EVALUATION_NUMBER, qe(i -> i.evaluationNumber--));
    }

    private static void evaluationNumbers(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(
                Defect.TCB_EVAL_NUMBERS_MALFORMED,
                signedAnew(Site.EVALUATION_NUMBERS_JSON, j -> withoutFirst(j, "version")));
        m.put(Defect.TCB_EVAL_NUMBERS_SIGNER, wrongSigner(Kind.TCB_EVAL_NUMBERS_CHAIN));
        m.put(Defect.TCB_EVAL_NUMBERS_SIGNATURE, badSignature(Site.EVALUATION_NUMBERS_JSON));
        m.put(
                Defect.TCB_EVAL_NUMBERS_EXPIRED,
                s -> Tampering.in(Site.EVALUATION_NUMBERS, n -> {
                    n.nextUpdate = s.second().minusSeconds(2);
                    n.issueDate = n.nextUpdate.minus(Duration.ofDays(1));
                }));
        m.put(
                Defect.TCB_EVAL_NUMBERS_NOT_YET_VALID,
                s -> Tampering.in(
                        Site.EVALUATION_NUMBERS, n -> n.issueDate = s.second().plusSeconds(600)));
    }
}
