package io.ebridge.testkit.attest;

import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.intel.TcbStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Quotes, and Intel's collateral for the machines that make them. */
final class IntelForge {
    private static final long QE_FLAGS = 0x15;

    private final Seed seed;
    private final IntelPki pki;

    IntelForge(Seed seed) {
        this.seed = seed;
        this.pki = new IntelPki(seed);
    }

    IntelPki pki() {
        return pki;
    }

    private static int qeProduct(boolean tdx) {
        return tdx ? 2 : 1;
    }

    private static byte[] qeSigner(boolean tdx) {
        return Values.measurement32(tdx ? "td qe signer" : "qe signer");
    }

    byte[] quote(FakeSgx p, IntelPki.Certificates certs, byte[] reportData, Tampering tampering) {
        return quote(false, p.machine(), p.quoteVersion(), 1, p.body(reportData), new byte[0], certs, tampering);
    }

    byte[] quote(FakeTdx p, IntelPki.Certificates certs, byte[] reportData, Tampering tampering) {
        int bodyType = p.isTd15() ? 3 : 2;
        return quote(true, p.machine(), p.quoteVersion(), bodyType, p.body(reportData), p.trailing(), certs, tampering);
    }

    private byte[] quote(
            boolean tdx,
            DcapMachine machine,
            int version,
            int bodyType,
            byte[] body,
            byte[] trailing,
            IntelPki.Certificates certs,
            Tampering tampering) {
        byte[] cpusvn = new byte[16];
        for (int i = 0; i < 16; i++) {
            cpusvn[i] = (byte) DcapMachine.COMPONENTS[i];
        }
        String kind = tdx ? "td qe" : "qe";
        byte[] qeReport = QuoteForge.enclave(
                cpusvn,
                QE_FLAGS,
                Values.measurement32(kind),
                qeSigner(tdx),
                qeProduct(tdx),
                DcapMachine.QE_SVN,
                new byte[64]);
        QuoteForge.Quote q = new QuoteForge.Quote(
                version,
                bodyType,
                body,
                EcKey.derive(seed, EcKey.Curve.P256, "intel attestation " + kind + machine.name()),
                qeReport,
                pki.pckKey(machine.name()),
                certs.pckChain());
        q.header = QuoteForge.header(
                version, tdx ? QuoteForge.TEE_TDX : 0, seed.bytes("intel qe id " + machine.name(), 16));
        q.trailing = trailing;
        return tampering.pass(Site.EVIDENCE, tampering.pass(Site.QUOTE, q).encode());
    }

    CollateralSpec collateral(FakePlatform platform, IntelPki.Certificates certs, Instant now, Tampering tampering) {
        boolean tdx = platform instanceof FakeTdx;
        DcapMachine machine = platform instanceof FakeTdx t ? t.machine() : ((FakeSgx) platform).machine();
        Instant day = now.truncatedTo(ChronoUnit.DAYS);
        Instant until = day.plus(Duration.ofDays(30));
        String upToDate = date(day, 180);
        String older = date(day, 540);

        TcbInfo tcb = new TcbInfo(
                tdx ? "TDX" : "SGX",
                day,
                until,
                upper(machine.fmspc(seed)),
                upper(machine.pceId()),
                machine.evaluationNumber());
        if (platform instanceof FakeTdx t) {
            platformLevels(tcb, machine, t.teeTcbSvn(), t.teeTcbSvn2(), t.relaunch(), upToDate, older);
            modules(tcb, machine, t, upToDate, older);
        } else {
            platformLevels(tcb, machine, new int[16], new int[16], false, upToDate, older);
        }
        tampering.pass(Site.TCB_INFO, tcb);

        QeIdentity qe = new QeIdentity(
                tdx ? "TD_QE" : "QE", day, until, machine.evaluationNumber(), upper(qeSigner(tdx)), qeProduct(tdx));
        svnLevels(qe.levels, DcapMachine.QE_SVN, machine.qeStatus(), upToDate, older);
        tampering.pass(Site.QE_IDENTITY, qe);

        EvaluationNumbers numbers = new EvaluationNumbers(tdx ? "TDX" : "SGX", day, until, machine.evaluationNumber());
        tampering.pass(Site.EVALUATION_NUMBERS, numbers);

        byte[] chain = certs.tcbChain().getBytes(StandardCharsets.US_ASCII);
        CollateralSpec spec = new CollateralSpec()
                .put(Kind.PCK_CRL, certs.pckCrl())
                .put(Kind.PCK_CRL_CHAIN, certs.pckCrlChain().getBytes(StandardCharsets.US_ASCII))
                .put(Kind.ROOT_CA_CRL, certs.rootCrl())
                .put(
                        Kind.TCB_INFO,
                        tampering
                                .pass(Site.TCB_INFO_JSON, sign("tcbInfo", tcb.json()))
                                .document())
                .put(Kind.TCB_INFO_CHAIN, chain)
                .put(
                        Kind.QE_IDENTITY,
                        tampering
                                .pass(Site.QE_IDENTITY_JSON, sign("enclaveIdentity", qe.json()))
                                .document())
                .put(Kind.QE_IDENTITY_CHAIN, chain)
                .put(
                        Kind.TCB_EVAL_NUMBERS,
                        tampering
                                .pass(Site.EVALUATION_NUMBERS_JSON, sign("tcbEvaluationDataNumbers", numbers.json()))
                                .document())
                .put(Kind.TCB_EVAL_NUMBERS_CHAIN, chain);
        return tampering.pass(Site.COLLATERAL, spec);
    }

    Site.SignedJson sign(String member, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        return new Site.SignedJson(member, body, pki.tcbKey().signRaw(body));
    }

    private static void platformLevels(
            TcbInfo tcb, DcapMachine m, int[] tdx, int[] tdx2, boolean relaunch, String upToDate, String older) {
        int[] sgx = DcapMachine.COMPONENTS;
        if (relaunch) {
            // What runs now is current, what the TD was launched with is not.
            TcbStatus now =
                    m.status() == TcbStatus.RELAUNCH_ADVISED ? TcbStatus.UP_TO_DATE : TcbStatus.CONFIGURATION_NEEDED;
            TcbStatus then = m.status() == TcbStatus.RELAUNCH_ADVISED
                    ? TcbStatus.OUT_OF_DATE
                    : TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED;
            tcb.levels.add(new TcbInfo.Level(sgx, DcapMachine.PCE_SVN, tdx2, upToDate, now.label(), m.advisories()));
            tcb.levels.add(new TcbInfo.Level(sgx, DcapMachine.PCE_SVN, tdx, older, then.label(), m.advisories()));
            return;
        }
        if (m.status() != TcbStatus.UP_TO_DATE) {
            tcb.levels.add(new TcbInfo.Level(
                    raised(sgx), DcapMachine.PCE_SVN, tdx, upToDate, TcbStatus.UP_TO_DATE.label(), List.of()));
        }
        if (m.status() != TcbStatus.NOT_SUPPORTED) {
            tcb.levels.add(new TcbInfo.Level(
                    sgx,
                    DcapMachine.PCE_SVN,
                    tdx,
                    m.status().outOfDate() ? older : upToDate,
                    m.status().label(),
                    m.advisories()));
            tcb.levels.add(new TcbInfo.Level(
                    sgx,
                    DcapMachine.PCE_SVN - 2,
                    tdx,
                    older,
                    TcbStatus.OUT_OF_DATE.label(),
                    List.of("INTEL-SA-00615")));
        }
    }

    private static int[] raised(int[] sgx) {
        int[] r = sgx.clone();
        r[0]++;
        return r;
    }

    private static void modules(TcbInfo tcb, DcapMachine m, FakeTdx t, String upToDate, String older) {
        // Two identities, as Intel's documents have; the other one is never the machine's.
        TcbInfo.Module other = new TcbInfo.Module(id(t.moduleVersion() == 3 ? 1 : 3));
        svnLevels(other.levels, 3, TcbStatus.UP_TO_DATE, upToDate, older);
        tcb.modules.add(other);
        if (t.moduleVersion() > 0) {
            TcbInfo.Module own = new TcbInfo.Module(id(t.moduleVersion()));
            if (t.relaunch()) {
                own.levels.add(new TcbInfo.SvnLevel(
                        DcapMachine.MODULE_SVN + 1, upToDate, TcbStatus.UP_TO_DATE.label(), List.of()));
                own.levels.add(new TcbInfo.SvnLevel(
                        DcapMachine.MODULE_SVN, older, TcbStatus.OUT_OF_DATE.label(), List.of("INTEL-SA-00615")));
            } else {
                svnLevels(own.levels, DcapMachine.MODULE_SVN, m.moduleStatus(), upToDate, older);
            }
            tcb.modules.add(own);
        }
    }

    static String id(int moduleVersion) {
        return "TDX_" + HexFormat.of().withUpperCase().toHexDigits((byte) moduleVersion);
    }

    private static void svnLevels(
            List<TcbInfo.SvnLevel> levels, int svn, TcbStatus status, String upToDate, String older) {
        if (status != TcbStatus.UP_TO_DATE) {
            levels.add(new TcbInfo.SvnLevel(svn + 1, upToDate, TcbStatus.UP_TO_DATE.label(), List.of()));
        }
        if (status != TcbStatus.NOT_SUPPORTED) {
            levels.add(new TcbInfo.SvnLevel(
                    svn,
                    status.outOfDate() ? older : upToDate,
                    status.label(),
                    status == TcbStatus.UP_TO_DATE ? List.of() : List.of("INTEL-SA-00615")));
            levels.add(new TcbInfo.SvnLevel(
                    svn - 2, older, TcbStatus.OUT_OF_DATE.label(), List.of("INTEL-SA-00615", "INTEL-SA-00657")));
        }
    }

    private static String date(Instant day, int daysAgo) {
        return day.minus(Duration.ofDays(daysAgo)).toString();
    }

    static String upper(byte[] b) {
        return HexFormat.of().formatHex(b).toUpperCase(Locale.ROOT);
    }
}
