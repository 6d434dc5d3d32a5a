package io.ebridge.testkit.attest;

import io.ebridge.attest.intel.IntelPlatform;
import io.ebridge.attest.intel.TcbPolicy;
import io.ebridge.attest.intel.TcbStatus;
import java.time.Duration;
import java.util.List;

/**
 * The Intel machine under an SGX enclave or TD, and how Intel's documents speak of it.
 *
 * @param name made-up name that tells machines apart
 * @param platformCa whether its PCK certificate comes from the Platform CA, else from the Processor CA
 * @param status what the TCB info says of it
 * @param advisories which advisories that level names
 * @param qeStatus what the QE identity says of its quoting enclave
 * @param moduleStatus what the TCB info says of its TDX module
 * @param evaluationNumber the evaluation data number of both documents
 */
record DcapMachine(
        String name,
        boolean platformCa,
        TcbStatus status,
        List<String> advisories,
        TcbStatus qeStatus,
        TcbStatus moduleStatus,
        int evaluationNumber) {
    static final DcapMachine STANDARD = new DcapMachine(
            "default", true, TcbStatus.UP_TO_DATE, List.of(), TcbStatus.UP_TO_DATE, TcbStatus.UP_TO_DATE, 20);

    /** What the machine reports, whatever the documents say. */
    static final int[] COMPONENTS = {5, 5, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0};

    static final int PCE_SVN = 13;
    static final int QE_SVN = 8;
    static final int MODULE_SVN = 6;

    DcapMachine withName(String n) {
        return new DcapMachine(n, platformCa, status, advisories, qeStatus, moduleStatus, evaluationNumber);
    }

    DcapMachine withPlatformCa(boolean p) {
        return new DcapMachine(name, p, status, advisories, qeStatus, moduleStatus, evaluationNumber);
    }

    DcapMachine withStatus(TcbStatus s, List<String> a) {
        for (String id : a) {
            if (!id.matches("INTEL-[A-Z]{2}-[0-9]{5}")) {
                throw new IllegalArgumentException("an advisory reads INTEL-SA-00000, not " + id);
            }
        }
        return new DcapMachine(name, platformCa, s, List.copyOf(a), qeStatus, moduleStatus, evaluationNumber);
    }

    DcapMachine withQeStatus(TcbStatus s) {
        return new DcapMachine(name, platformCa, status, advisories, inDocument(s), moduleStatus, evaluationNumber);
    }

    DcapMachine withModuleStatus(TcbStatus s) {
        return new DcapMachine(name, platformCa, status, advisories, qeStatus, inDocument(s), evaluationNumber);
    }

    DcapMachine withEvaluationNumber(int n) {
        if (n < 1 || n > 65_535) {
            throw new IllegalArgumentException("an evaluation data number is 1 to 65535 here, not " + n);
        }
        return new DcapMachine(name, platformCa, status, advisories, qeStatus, moduleStatus, n);
    }

    /** Relaunching concerns a TD as a whole, not one of its parts. */
    private static TcbStatus inDocument(TcbStatus s) {
        if (s == TcbStatus.RELAUNCH_ADVISED || s == TcbStatus.RELAUNCH_ADVISED_CONFIGURATION_NEEDED) {
            throw new IllegalArgumentException("no part can be " + s);
        }
        return s;
    }

    byte[] fmspc(Seed seed) {
        byte[] b = seed.bytes("intel fmspc", 6);
        b[4] = 0;
        b[5] = 0;
        return b;
    }

    byte[] pceId() {
        return new byte[2];
    }

    /** Demands the evaluation number, the kind of memory protection and collateral of today. */
    TcbPolicy strictPolicy(FakeQuotingEnclave enclave) {
        TcbPolicy.Builder policy = TcbPolicy.builder()
                .minEvaluationDataNumber(evaluationNumber)
                .maxCollateralAge(Duration.ofDays(10))
                .sgxTypes(platformCa ? IntelPlatform.SgxType.SCALABLE : IntelPlatform.SgxType.STANDARD);
        if (enclave.defects().contains(Defect.TCB_ADVISORY)) {
            policy.accept(TcbStatus.SW_HARDENING_NEEDED).acceptAdvisories("INTEL-SA-00615");
        }
        return policy.build();
    }

    IntelPki.PckExtension extension(Seed seed) {
        return new IntelPki.PckExtension(
                seed.bytes("intel ppid " + name, 16),
                COMPONENTS,
                PCE_SVN,
                pceId(),
                fmspc(seed),
                platformCa,
                seed.bytes("intel platform instance " + name, 16));
    }
}
