package io.ebridge.testkit.attest;

import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.snp.SnpTcb;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;

/** How the defects of SEV-SNP reports, and of AMD's certificates and list, are made. */
final class SnpDefects {
    private SnpDefects() {}

    static void addTo(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        layout(m);
        endorsement(m);
        certificates(m);
        versions(m);
        appraisal(m);
    }

    private static Function<Defects.Scene, Tampering> report(Consumer<SnpForge.Report> change) {
        return Defects.change(Site.REPORT, change);
    }

    private static Function<Defects.Scene, Tampering> cert(Site<CertSpec> site, Consumer<CertSpec> change) {
        return Defects.change(site, change);
    }

    private static Function<Defects.Scene, Tampering> guest(UnaryOperator<FakeSnp> change) {
        return s -> Tampering.at(Site.PLATFORM, p -> change.apply((FakeSnp) p));
    }

    private static void layout(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.SNP_LONGER, s -> Tampering.at(Site.EVIDENCE, b -> java.util.Arrays.copyOf(b, b.length + 1)));
        m.put(Defect.SNP_VERSION_4, report(r -> r.bytes.putInt(SnpForge.VERSION, 4)));
        m.put(Defect.SNP_RESERVED_FIELD, report(r -> r.bytes.put(0x4c, (byte) 1)));
        m.put(Defect.SNP_RESERVED_CURRENT_TCB_BYTE, report(r -> r.bytes.put(SnpForge.CURRENT_TCB + 5, (byte) 1)));
        m.put(Defect.SNP_RESERVED_LAUNCH_TCB_BYTE, report(r -> r.bytes.put(SnpForge.LAUNCH_TCB + 5, (byte) 1)));
        m.put(Defect.SNP_RESERVED_TCB_BYTE, report(r -> r.bytes.put(SnpForge.COMMITTED_TCB + 5, (byte) 1)));
        m.put(Defect.SNP_RESERVED_POLICY_BIT, report(r -> r.bytes.put(SnpForge.POLICY + 2, (byte) 1)));
        m.put(
                Defect.SNP_SIGNATURE_PADDING,
                s -> Tampering.at(Site.EVIDENCE, b -> {
                    byte[] c = b.clone();
                    c[SnpForge.SIGNED + 60] = 1;
                    return c;
                }));
        m.put(Defect.SNP_HOST_REPORT, report(r -> r.bytes.putInt(SnpForge.VMPL, -1)));
        m.put(Defect.SNP_SIGNATURE_ALGORITHM, report(r -> r.bytes.putInt(SnpForge.SIGNATURE_ALGORITHM, 2)));
        m.put(Defect.SNP_NOT_SIGNED, report(r -> r.bytes.putInt(SnpForge.KEY_INFO, 1 | 7 << 2)));
        m.put(Defect.SNP_SIGNATURE_BROKEN, report(r -> r.breakSignature = true));
        m.put(
                Defect.SNP_SIGNED_BY_STRANGER,
                s -> Tampering.in(
                        Site.REPORT, r -> r.signer = EcKey.derive(s.seed(), EcKey.Curve.P384, "amd stranger")));
        m.put(
                Defect.SNP_CHANGED_AFTER_SIGNING,
                s -> Tampering.at(Site.EVIDENCE, b -> {
                    byte[] c = b.clone();
                    c[SnpForge.REPORT_ID] ^= 1;
                    return c;
                }));
    }

    private static void endorsement(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.SNP_NO_ENDORSEMENT_KEY, DcapDefects.collateral(c -> c.remove(Kind.VCEK)
                .remove(Kind.VLEK)));
        m.put(Defect.SNP_NO_ISSUER, DcapDefects.collateral(c -> c.remove(Kind.ASK)
                .remove(Kind.ASVK)));
        m.put(Defect.SNP_NO_ROOT, DcapDefects.collateral(c -> c.remove(Kind.ARK)));
        m.put(
                Defect.SNP_OTHER_KIND_OF_KEY,
                s -> Tampering.in(Site.COLLATERAL, c -> {
                    FakeSnp own = (FakeSnp) s.platform();
                    FakeSnp other = own.vlek("CN=cc.insecure-test.invalid");
                    AmdPki.Certificates certs = Forges.of(s.seed()).snp().pki().issue(other, s.now(), Tampering.NONE);
                    c.remove(Kind.VCEK).remove(Kind.ASK);
                    c.put(Kind.VLEK, certs.vek().der())
                            .put(Kind.ASVK, certs.ask().der());
                }));
        m.put(Defect.SNP_VEK_EXTENSION_ABSENT, cert(Site.VEK, c -> c.remove(AmdPki.MICROCODE)));
        m.put(
                Defect.SNP_VEK_EXTENSION_MALFORMED,
                cert(Site.VEK, c -> c.replace(AmdPki.MICROCODE, CertSpec.der(DERNull.INSTANCE))));
        m.put(
                Defect.SNP_VEK_FOR_ANOTHER_PRODUCT,
                cert(Site.VEK, c -> c.replace(AmdPki.PRODUCT, CertSpec.der(new DERIA5String("Genoa")))));
        m.put(Defect.SNP_UNKNOWN_PROCESSOR, report(r -> r.bytes.put(SnpForge.CPUID, new byte[] {0x17, 0x31, 0})));
        m.put(
                Defect.SNP_REPORT_FROM_ANOTHER_PRODUCT,
                report(r -> r.bytes.put(SnpForge.CPUID, new byte[] {0x19, 0x11, 1})));
        m.put(Defect.SNP_VEK_OF_ANOTHER_CHIP, cert(Site.VEK, c -> {
            byte[] id = new byte[64];
            id[0] = 1;
            c.replace(AmdPki.HWID, id);
        }));
        m.put(
                Defect.SNP_CHIP_ID_MASKED,
                report(r -> r.bytes.put(SnpForge.CHIP_ID, new byte[64]).put(SnpForge.KEY_INFO, (byte) 3)));
        m.put(
                Defect.SNP_VEK_FOR_ANOTHER_TCB,
                cert(Site.VEK, c -> c.replace(AmdPki.MICROCODE, CertSpec.der(new ASN1Integer(200)))));
    }

    private static void certificates(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.VEK_EXPIRED, Defects.expired(Site.VEK));
        m.put(Defect.ASK_EXPIRED, Defects.expired(Site.ASK));
        m.put(Defect.ARK_EXPIRED, Defects.expired(Site.ARK));
        m.put(Defect.VEK_NOT_YET_VALID, Defects.notYetValid(Site.VEK));
        m.put(Defect.ASK_NOT_YET_VALID, Defects.notYetValid(Site.ASK));
        m.put(Defect.VEK_SIGNATURE, Defects.badSignature(Site.VEK));
        m.put(Defect.ASK_SIGNATURE, Defects.badSignature(Site.ASK));
        m.put(Defect.ASK_ISSUER_NAME, cert(Site.ASK, c -> c.issuer = Names.amd("ARK-Another")));
        m.put(Defect.ARK_NAME, cert(Site.ARK, c -> c.subject = c.issuer = Names.amd("ARK-Rome")));
        m.put(Defect.ARK_KEY, s -> {
            RsaKey other = RsaKey.named("stranger");
            Signer signer = other.signer(s.seed(), true);
            return Tampering.in(Site.ARK, c -> {
                        c.key = other.spki();
                        c.signer = signer;
                    })
                    .and(Tampering.in(Site.ASK, c -> c.signer = signer))
                    .and(Tampering.in(Site.AMD_CRL, c -> c.signer = signer));
        });
        m.put(Defect.VEK_IS_CA, cert(Site.VEK, c -> c.ca(0)));
        m.put(
                Defect.ASK_KEY_USAGE,
                cert(Site.ASK, c -> c.replace(Extension.keyUsage, CertSpec.der(new KeyUsage(KeyUsage.cRLSign)))));
        m.put(Defect.VEK_CRITICAL_EXTENSION, cert(Site.VEK, c -> c.ext(NitroDefects.UNKNOWN, true, DERNull.INSTANCE)));
        m.put(
                Defect.VEK_KEY_ON_P256,
                s -> Tampering.in(
                        Site.VEK,
                        c -> c.key = EcKey.derive(s.seed(), EcKey.Curve.P256, "amd small vek")
                                .spki()));
        m.put(Defect.AMD_CRL_MISSING, DcapDefects.collateral(c -> c.remove(Kind.AMD_CRL)));
        m.put(
                Defect.AMD_CRL_MALFORMED,
                DcapDefects.collateral(c -> c.put(Kind.AMD_CRL, new byte[] {0x30, 3, 2, 1, 1})));
        m.put(Defect.AMD_CRL_OF_ANOTHER_ROOT, Defects.change(Site.AMD_CRL, c -> c.issuer = Names.amd("ARK-Another")));
        m.put(Defect.AMD_CRL_SIGNATURE, Defects.change(Site.AMD_CRL, c -> c.breakSignature = true));
        m.put(Defect.AMD_CRL_EXPIRED, s -> Tampering.in(Site.AMD_CRL, c -> DcapDefects.expire(c, s)));
        m.put(
                Defect.AMD_CRL_NOT_YET_VALID,
                s -> Tampering.in(Site.AMD_CRL, c -> c.thisUpdate = s.second().plusSeconds(600)));
        m.put(
                Defect.ASK_REVOKED,
                s -> Tampering.in(
                        Site.AMD_CRL,
                        c -> c.revoked.add(Forges.of(s.seed())
                                .snp()
                                .pki()
                                .issue((FakeSnp) s.platform(), s.now(), Tampering.NONE)
                                .ask()
                                .spec()
                                .serial)));
        m.put(Defect.VEK_REVOKED, s -> Tampering.in(
                        Site.VEK, c -> c.serial = s.seed().serial("revoked vek", 8))
                .and(Tampering.in(Site.AMD_CRL, c -> c.revoked.add(s.seed().serial("revoked vek", 8)))));
    }

    private static SnpTcb microcode(SnpTcb t, int change) {
        return new SnpTcb(t.fmc(), t.bootloader(), t.tee(), t.snp(), t.microcode() + change);
    }

    private static Function<Defects.Scene, Tampering> tcbAt(int offset, int change) {
        return s -> Tampering.in(Site.REPORT, r -> r.bytes.put(offset + 7, (byte) (r.bytes.get(offset + 7) + change)));
    }

    private static void versions(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.SNP_REPORTED_ABOVE_CURRENT, s -> tcbAt(SnpForge.CURRENT_TCB, -1)
                .apply(s)
                .and(tcbAt(SnpForge.COMMITTED_TCB, -1).apply(s))
                .and(tcbAt(SnpForge.LAUNCH_TCB, -1).apply(s)));
        m.put(Defect.SNP_COMMITTED_ABOVE_CURRENT, tcbAt(SnpForge.COMMITTED_TCB, 1));
        m.put(Defect.SNP_LAUNCH_ABOVE_CURRENT, tcbAt(SnpForge.LAUNCH_TCB, 1));
        m.put(
                Defect.SNP_COMMITTED_FIRMWARE_ABOVE_CURRENT,
                report(r ->
                        r.bytes.put(SnpForge.COMMITTED_VERSION, (byte) (r.bytes.get(SnpForge.COMMITTED_VERSION) + 1))));
        m.put(
                Defect.SNP_PROVISIONAL_FIRMWARE,
                report(r -> r.bytes.put(SnpForge.CURRENT_VERSION, (byte) (r.bytes.get(SnpForge.CURRENT_VERSION) + 1))));
        m.put(Defect.SNP_FIRMWARE_TOO_OLD, report(r -> r.bytes
                .put(SnpForge.CURRENT_VERSION + 1, (byte) 1)
                .put(SnpForge.COMMITTED_VERSION + 1, (byte) 1)));
        m.put(Defect.SNP_TCB_TOO_OLD, guest(p -> p.tcb(microcode(p.reportedTcb(), -1), p.currentTcb())));
        m.put(Defect.SNP_LAUNCH_TCB_TOO_OLD, tcbAt(SnpForge.LAUNCH_TCB, -1));
        m.put(Defect.SNP_MITIGATION_MISSING, guest(p -> p.mitigations(1)));
    }

    private static void appraisal(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.SNP_DEBUG, guest(FakeSnp::debug));
        m.put(Defect.SNP_MIGRATION_AGENT, guest(p -> p.guestPolicy(p.guestPolicy() | 1L << 18)));
        m.put(
                Defect.SNP_PRODUCT_NOT_ALLOWED,
                guest(p -> p.product(p.product() == SnpProduct.TURIN ? SnpProduct.GENOA : SnpProduct.TURIN)));
        m.put(Defect.SNP_VLEK_OF_ANOTHER_PROVIDER, guest(p -> p.vlek("CN=stranger.insecure-test.invalid")));
        m.put(Defect.SNP_CHIP_NOT_ALLOWED, guest(p -> p.machine(p.machine() + " is another")));
        m.put(Defect.SNP_VMPL, guest(p -> p.vmpl(p.vmpl() == 3 ? 2 : 3)));
        m.put(Defect.SNP_FEATURE, guest(p -> p.platformInfo(p.platformInfo() & ~0x20)));
        m.put(Defect.SNP_OTHER_IMAGE, guest(p -> p.image("another")));
        m.put(
                Defect.SNP_OTHER_ID_KEY,
                report(r -> r.bytes.put(SnpForge.ID_KEY_DIGEST, Values.measurement("another ID key"))));
        m.put(
                Defect.SNP_OTHER_AUTHOR_KEY,
                report(r -> r.bytes.put(SnpForge.AUTHOR_KEY_DIGEST, Values.measurement("another author key"))));
        m.put(Defect.SNP_OTHER_FAMILY, report(r -> r.bytes.put(SnpForge.FAMILY_ID, new byte[16])));
        m.put(Defect.SNP_OLDER_GUEST, report(r -> r.bytes.putInt(SnpForge.GUEST_SVN, 0)));
        m.put(Defect.SNP_OTHER_HOST_DATA, guest(p -> p.hostData(Values.measurement32("another host"))));
    }
}
