package io.ebridge.testkit.attest;

import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.snp.SnpTcb;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** SEV-SNP attestation reports (AMD 56860, ATTESTATION_REPORT). */
final class SnpForge {
    static final int LENGTH = 1184;
    static final int SIGNED = 0x2a0;
    private static final int COMPONENT = 72;
    private static final int USED = 48;

    static final int VERSION = 0x00;
    static final int GUEST_SVN = 0x04;
    static final int POLICY = 0x08;
    static final int FAMILY_ID = 0x10;
    static final int IMAGE_ID = 0x20;
    static final int VMPL = 0x30;
    static final int SIGNATURE_ALGORITHM = 0x34;
    static final int CURRENT_TCB = 0x38;
    static final int PLATFORM_INFO = 0x40;
    static final int KEY_INFO = 0x48;
    static final int REPORT_DATA = 0x50;
    static final int MEASUREMENT = 0x90;
    static final int HOST_DATA = 0xc0;
    static final int ID_KEY_DIGEST = 0xe0;
    static final int AUTHOR_KEY_DIGEST = 0x110;
    static final int REPORT_ID = 0x140;
    static final int REPORT_ID_MA = 0x160;
    static final int REPORTED_TCB = 0x180;
    static final int CPUID = 0x188;
    static final int CHIP_ID = 0x1a0;
    static final int COMMITTED_TCB = 0x1e0;
    static final int CURRENT_VERSION = 0x1e8;
    static final int COMMITTED_VERSION = 0x1ec;
    static final int LAUNCH_TCB = 0x1f0;
    static final int LAUNCH_MITIGATION = 0x1f8;
    static final int CURRENT_MITIGATION = 0x200;

    /** A report before it is signed. */
    static final class Report {
        final ByteBuffer bytes = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        EcKey signer;
        boolean breakSignature;

        Report(EcKey signer) {
            this.signer = signer;
        }

        byte[] encode() {
            byte[] out = bytes.array().clone();
            byte[] rs = signer.signRaw(Arrays.copyOf(out, SIGNED));
            for (int i = 0; i < USED; i++) {
                out[SIGNED + i] = rs[USED - 1 - i];
                out[SIGNED + COMPONENT + i] = rs[2 * USED - 1 - i];
            }
            if (breakSignature) {
                out[SIGNED] ^= 1;
            }
            return out;
        }
    }

    private final Seed seed;
    private final AmdPki pki;

    SnpForge(Seed seed) {
        this.seed = seed;
        this.pki = new AmdPki(seed);
    }

    AmdPki pki() {
        return pki;
    }

    static byte[] tcb(SnpProduct product, SnpTcb t) {
        return product == SnpProduct.TURIN
                ? new byte[] {
                    (byte) t.fmc(), (byte) t.bootloader(), (byte) t.tee(), (byte) t.snp(), 0, 0, 0, (byte) t.microcode()
                }
                : new byte[] {(byte) t.bootloader(), (byte) t.tee(), 0, 0, 0, 0, (byte) t.snp(), (byte) t.microcode()};
    }

    byte[] report(FakeSnp p, byte[] reportData, Tampering tampering) {
        Report r = new Report(pki.vekKey(p));
        ByteBuffer b = r.bytes;
        SnpProduct product = p.product();
        b.putInt(VERSION, p.reportVersion());
        b.putInt(GUEST_SVN, p.guestSvn());
        b.putLong(POLICY, p.guestPolicy());
        b.put(FAMILY_ID, p.familyId());
        b.put(IMAGE_ID, p.imageId());
        b.putInt(VMPL, p.vmpl());
        b.putInt(SIGNATURE_ALGORITHM, 1);
        b.put(CURRENT_TCB, tcb(product, p.currentTcb()));
        b.putLong(PLATFORM_INFO, p.platformInfo());
        b.putInt(KEY_INFO, (p.hasAuthorKey() ? 1 : 0) | (p.isVlek() ? 2 | 1 << 2 : 0));
        b.put(REPORT_DATA, reportData);
        b.put(MEASUREMENT, p.measurement());
        b.put(HOST_DATA, p.hostData());
        b.put(ID_KEY_DIGEST, p.idKeyDigest());
        b.put(AUTHOR_KEY_DIGEST, p.authorKeyDigest());
        b.put(REPORT_ID, seed.bytes("amd report id " + p.machine(), 32));
        byte[] none = new byte[32];
        Arrays.fill(none, (byte) 0xff);
        b.put(REPORT_ID_MA, none);
        b.put(REPORTED_TCB, tcb(product, p.reportedTcb()));
        if (p.reportVersion() >= 3) {
            b.put(CPUID, p.cpuid());
        }
        if (!p.isVlek()) {
            b.put(CHIP_ID, p.chipId(seed));
        }
        b.put(COMMITTED_TCB, tcb(product, p.currentTcb()));
        byte[] firmware = {41, 55, 1, 0};
        b.put(CURRENT_VERSION, firmware);
        b.put(COMMITTED_VERSION, firmware);
        b.put(LAUNCH_TCB, tcb(product, p.currentTcb()));
        if (p.reportVersion() >= 5) {
            b.putLong(LAUNCH_MITIGATION, p.mitigations());
            b.putLong(CURRENT_MITIGATION, p.mitigations());
        }
        return tampering.pass(Site.EVIDENCE, tampering.pass(Site.REPORT, r).encode());
    }

    CollateralSpec collateral(FakeSnp p, AmdPki.Certificates certs, Tampering tampering) {
        CollateralSpec spec = new CollateralSpec()
                .put(Kind.ARK, certs.ark().der())
                .put(p.isVlek() ? Kind.ASVK : Kind.ASK, certs.ask().der())
                .put(p.isVlek() ? Kind.VLEK : Kind.VCEK, certs.vek().der())
                .put(Kind.AMD_CRL, certs.crl());
        return tampering.pass(Site.COLLATERAL, spec);
    }
}
