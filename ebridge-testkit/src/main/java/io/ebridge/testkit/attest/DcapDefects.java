package io.ebridge.testkit.attest;

import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.intel.TcbStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;

/** How the defects of SGX and TDX quotes, and of Intel's certificates and lists, are made. The documents have their own class. */
final class DcapDefects {
    private static final int ATTRIBUTES = 48;
    private static final int MISCSELECT = 16;
    private static final int MR_SIGNER = 128;
    private static final int ISV_PROD_ID = 256;

    private DcapDefects() {}

    static void addTo(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        layout(m);
        signatures(m);
        quotingEnclave(m);
        certificates(m);
        revocation(m);
        appraisal(m);
    }

    static Function<Defects.Scene, Tampering> quote(Consumer<QuoteForge.Quote> change) {
        return Defects.change(Site.QUOTE, change);
    }

    private static Function<Defects.Scene, Tampering> cert(Site<CertSpec> site, Consumer<CertSpec> change) {
        return Defects.change(site, change);
    }

    private static Function<Defects.Scene, Tampering> crl(Site<CrlSpec> site, Consumer<CrlSpec> change) {
        return Defects.change(site, change);
    }

    static Function<Defects.Scene, Tampering> collateral(Consumer<CollateralSpec> change) {
        return Defects.change(Site.COLLATERAL, change);
    }

    private static EcKey stranger(Defects.Scene s) {
        return EcKey.derive(s.seed(), EcKey.Curve.P256, "intel stranger");
    }

    private static void layout(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.QUOTE_VERSION_6, quote(q -> q.header[0] = 6));
        m.put(Defect.QUOTE_KEY_TYPE, quote(q -> q.header[2] = 3));
        m.put(Defect.QUOTE_VENDOR, quote(q -> q.header[12] ^= 1));
        m.put(Defect.QUOTE_LENGTH, quote(q -> q.signatureLength = 1 << 20));
        m.put(Defect.QE_REPORT_RESERVED, quote(q -> q.qeReport[20] = 1));
        m.put(Defect.SGX_REPORT_RESERVED, quote(q -> q.body[20] = 1));
        m.put(Defect.QUOTE_CERTIFICATION_TYPE, quote(q -> q.certificationType = 9));
    }

    private static void signatures(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.QUOTE_SIGNATURE_BROKEN, quote(q -> q.breakSignature = true));
        m.put(Defect.QUOTE_SIGNED_BY_STRANGER, s -> Tampering.in(Site.QUOTE, q -> q.attestationKey = stranger(s)));
        m.put(
                Defect.QUOTE_CHANGED_AFTER_SIGNING,
                s -> Tampering.at(Site.EVIDENCE, b -> {
                    // The first byte of the quoting enclave's own data in the header: free, but signed.
                    byte[] c = b.clone();
                    c[28] ^= 1;
                    return c;
                }));
        m.put(Defect.ATTESTATION_KEY_OFF_CURVE, quote(q -> q.attestationPublic[63] ^= 1));
        m.put(
                Defect.ATTESTATION_KEY_SWAPPED,
                quote(q -> q.qeReportData = Arrays.copyOf(Digests.sha256(new byte[64], q.authData), 64)));
        m.put(Defect.QE_REPORT_DATA_TAIL, quote(q -> {
            q.qeReportData = Arrays.copyOf(Digests.sha256(q.attestationPublic, q.authData), 64);
            q.qeReportData[63] = 1;
        }));
        m.put(Defect.QE_REPORT_SIGNATURE_BROKEN, quote(q -> q.breakQeSignature = true));
        m.put(Defect.QE_REPORT_SIGNED_BY_STRANGER, s -> Tampering.in(Site.QUOTE, q -> q.pckKey = stranger(s)));
    }

    private static void quotingEnclave(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        // The identity's mask is opened for the bit, so that the debug check alone objects.
        m.put(Defect.QE_DEBUG, s -> Tampering.in(Site.QUOTE, q -> q.qeReport[ATTRIBUTES] |= 2)
                .and(Tampering.in(Site.QE_IDENTITY, i -> i.attributesMask = "F9FFFFFFFFFFFFFF0000000000000000")));
        m.put(Defect.QE_MISCSELECT, quote(q -> q.qeReport[MISCSELECT] = 1));
        m.put(Defect.QE_FLAGS, quote(q -> q.qeReport[ATTRIBUTES] |= (byte) 0x80));
        m.put(Defect.QE_XFRM, s -> Tampering.in(Site.QE_IDENTITY, i -> {
                    i.attributes = "1100000000000000E700000000000000";
                    i.attributesMask = "FBFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
                })
                .and(Tampering.in(Site.QUOTE, q -> q.qeReport[ATTRIBUTES + 15] = 1)));
        m.put(Defect.QE_MRSIGNER, quote(q -> q.qeReport[MR_SIGNER] ^= 1));
        m.put(Defect.QE_ISVPRODID, quote(q -> q.qeReport[ISV_PROD_ID] = 9));
    }

    private static void certificates(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.PCK_EXPIRED, Defects.expired(Site.PCK));
        m.put(Defect.PCK_CA_EXPIRED, Defects.expired(Site.PCK_CA));
        m.put(Defect.TCB_SIGNING_EXPIRED, Defects.expired(Site.TCB_SIGNING));
        m.put(Defect.INTEL_ROOT_EXPIRED, Defects.expired(Site.INTEL_ROOT));
        m.put(Defect.PCK_NOT_YET_VALID, Defects.notYetValid(Site.PCK));
        m.put(Defect.PCK_CA_NOT_YET_VALID, Defects.notYetValid(Site.PCK_CA));
        m.put(Defect.TCB_SIGNING_NOT_YET_VALID, Defects.notYetValid(Site.TCB_SIGNING));
        m.put(Defect.PCK_CERTIFICATE_SIGNATURE, Defects.badSignature(Site.PCK));
        m.put(Defect.PCK_CA_SIGNATURE, Defects.badSignature(Site.PCK_CA));
        m.put(Defect.TCB_SIGNING_SIGNATURE, Defects.badSignature(Site.TCB_SIGNING));
        m.put(Defect.PCK_ISSUER_NAME, cert(Site.PCK, c -> c.issuer = Names.intel("Intel SGX PCK Another CA")));
        m.put(
                Defect.PCK_CERTIFICATE_NAME,
                cert(Site.PCK, c -> c.subject = Names.intel("Intel SGX Another Certificate")));
        m.put(Defect.PCK_CA_NAME, cert(Site.PCK_CA, c -> c.subject = Names.intel("Intel SGX PCK Another CA")));
        m.put(
                Defect.INTEL_ROOT_NAME,
                cert(Site.INTEL_ROOT, c -> c.subject = c.issuer = Names.intel("Intel SGX Another CA")));
        m.put(Defect.INTEL_ROOT_KEY, s -> {
            EcKey other = stranger(s);
            return Tampering.in(Site.INTEL_ROOT, c -> {
                        c.key = other.spki();
                        c.signer = other;
                    })
                    .and(Tampering.in(Site.PCK_CA, c -> c.signer = other))
                    .and(Tampering.in(Site.TCB_SIGNING, c -> c.signer = other))
                    .and(Tampering.in(Site.INTEL_ROOT_CRL, c -> c.signer = other));
        });
        m.put(
                Defect.PCK_CA_NO_CA,
                cert(
                        Site.PCK_CA,
                        c -> c.replace(Extension.basicConstraints, CertSpec.der(new BasicConstraints(false)))));
        m.put(
                Defect.PCK_IS_CA,
                cert(Site.PCK, c -> c.replace(Extension.basicConstraints, CertSpec.der(new BasicConstraints(true)))));
        m.put(
                Defect.PCK_CA_KEY_USAGE,
                cert(Site.PCK_CA, c -> c.replace(Extension.keyUsage, CertSpec.der(new KeyUsage(KeyUsage.cRLSign)))));
        m.put(
                Defect.PCK_KEY_USAGE,
                cert(Site.PCK, c -> c.replace(Extension.keyUsage, CertSpec.der(new KeyUsage(KeyUsage.keyAgreement)))));
        m.put(
                Defect.PCK_CRITICAL_EXTENSION,
                cert(Site.PCK, c -> c.ext(NitroDefects.UNKNOWN, true, org.bouncycastle.asn1.DERNull.INSTANCE)));
        m.put(
                Defect.PCK_KEY_ON_P384,
                s -> Tampering.in(
                        Site.PCK,
                        c -> c.key = EcKey.derive(s.seed(), EcKey.Curve.P384, "intel large pck")
                                .spki()));
        m.put(Defect.PCK_CHAIN_SHORT, quote(q -> q.certification = lastPems(q.certification, 0, 2)));
        m.put(Defect.PCK_CHAIN_REORDERED, quote(q -> q.certification = reorder(q.certification)));
        m.put(Defect.PCK_CHAIN_MISSING, quote(q -> {
            // Type 1: the PPID in the clear, with CPUSVN, PCESVN and PCEID.
            q.certificationType = 1;
            q.certification = new byte[36];
        }));
        m.put(Defect.PCK_CHAIN_NO_PEM, quote(q -> q.certification[5] = '#'));
        m.put(Defect.PCK_EXTENSION_ABSENT, cert(Site.PCK, c -> c.remove(IntelPki.SGX)));
        m.put(
                Defect.PCK_EXTENSION_DUPLICATE_MEMBER,
                s -> Tampering.in(Site.PCK_EXTENSION, e -> e.duplicateFmspc = true));
        m.put(
                Defect.PCK_EXTENSION_SHORT_TCB,
                s -> Tampering.in(Site.PCK_EXTENSION, e -> e.components = Arrays.copyOf(e.components, 15)));
    }

    private static String[] pems(byte[] chain) {
        String text = new String(chain, StandardCharsets.US_ASCII).replace("\0", "");
        return text.split("(?=-----BEGIN)");
    }

    private static byte[] lastPems(byte[] chain, int from, int until) {
        return (String.join("", Arrays.copyOfRange(pems(chain), from, until)) + "\0")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] reorder(byte[] chain) {
        String[] p = pems(chain);
        return (p[0] + p[2] + p[1] + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    private static void revocation(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.PCK_CRL_MISSING, collateral(c -> c.remove(Kind.PCK_CRL)));
        m.put(Defect.INTEL_ROOT_CRL_MISSING, collateral(c -> c.remove(Kind.ROOT_CA_CRL)));
        m.put(Defect.PCK_CRL_MALFORMED, collateral(c -> c.put(Kind.PCK_CRL, new byte[] {0x30, 3, 2, 1, 1})));
        m.put(Defect.PCK_CRL_OF_ANOTHER_CA, crl(Site.PCK_CRL, c -> c.issuer = Names.intel("Intel SGX PCK Another CA")));
        m.put(
                Defect.INTEL_ROOT_CRL_OF_ANOTHER_CA,
                crl(Site.INTEL_ROOT_CRL, c -> c.issuer = Names.intel("Intel SGX Another CA")));
        m.put(Defect.PCK_CRL_SIGNATURE, crl(Site.PCK_CRL, c -> c.breakSignature = true));
        m.put(Defect.INTEL_ROOT_CRL_SIGNATURE, crl(Site.INTEL_ROOT_CRL, c -> c.breakSignature = true));
        m.put(Defect.PCK_CRL_EXPIRED, s -> Tampering.in(Site.PCK_CRL, c -> expire(c, s)));
        m.put(Defect.INTEL_ROOT_CRL_EXPIRED, s -> Tampering.in(Site.INTEL_ROOT_CRL, c -> expire(c, s)));
        m.put(
                Defect.PCK_CRL_NOT_YET_VALID,
                s -> Tampering.in(Site.PCK_CRL, c -> c.thisUpdate = s.second().plusSeconds(600)));
        m.put(
                Defect.INTEL_ROOT_CRL_NOT_YET_VALID,
                s -> Tampering.in(
                        Site.INTEL_ROOT_CRL, c -> c.thisUpdate = s.second().plusSeconds(600)));
        m.put(Defect.PCK_REVOKED, revoked(Site.PCK_CRL, c -> c.pck()));
        m.put(Defect.PCK_CA_REVOKED, revoked(Site.INTEL_ROOT_CRL, c -> c.pckCa()));
        m.put(Defect.TCB_SIGNING_REVOKED, revoked(Site.INTEL_ROOT_CRL, c -> c.tcbSigning()));
    }

    static void expire(CrlSpec c, Defects.Scene s) {
        c.nextUpdate = s.second().minusSeconds(2);
        if (!c.thisUpdate.isBefore(c.nextUpdate)) {
            c.thisUpdate = c.nextUpdate.minus(Duration.ofHours(1));
        }
    }

    private static Function<Defects.Scene, Tampering> revoked(
            Site<CrlSpec> list, Function<IntelPki.Certificates, CertSpec.Issued> which) {
        return s -> Tampering.in(list, c -> {
            DcapMachine machine = s.platform() instanceof FakeSgx p ? p.machine() : ((FakeTdx) s.platform()).machine();
            IntelPki.Certificates certs = Forges.of(s.seed())
                    .intel()
                    .pki()
                    .issue(machine.name(), machine.extension(s.seed()), s.now(), Tampering.NONE);
            c.revoked.add(which.apply(certs).spec().serial);
        });
    }

    private static Function<Defects.Scene, Tampering> tcb(TcbStatus status, String... advisories) {
        return s -> Tampering.at(
                Site.PLATFORM,
                p -> p instanceof FakeSgx x ? x.tcb(status, advisories) : ((FakeTdx) p).tcb(status, advisories));
    }

    private static Function<Defects.Scene, Tampering> qe(TcbStatus status) {
        return s -> Tampering.at(
                Site.PLATFORM, p -> p instanceof FakeSgx x ? x.qeTcb(status) : ((FakeTdx) p).qeTcb(status));
    }

    private static Function<Defects.Scene, Tampering> td(Function<FakeTdx, FakeTdx> change) {
        return s -> Tampering.at(Site.PLATFORM, p -> change.apply((FakeTdx) p));
    }

    private static void appraisal(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.TCB_SW_HARDENING_NEEDED, tcb(TcbStatus.SW_HARDENING_NEEDED, "INTEL-SA-00615"));
        m.put(Defect.TCB_CONFIGURATION_NEEDED, tcb(TcbStatus.CONFIGURATION_NEEDED, "INTEL-SA-00615"));
        m.put(
                Defect.TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
                tcb(TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED, "INTEL-SA-00615"));
        m.put(Defect.TCB_OUT_OF_DATE, tcb(TcbStatus.OUT_OF_DATE, "INTEL-SA-00615"));
        m.put(
                Defect.TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
                tcb(TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED, "INTEL-SA-00615"));
        m.put(Defect.TCB_REVOKED, tcb(TcbStatus.REVOKED, "INTEL-SA-00615"));
        m.put(Defect.TCB_NOT_SUPPORTED, tcb(TcbStatus.NOT_SUPPORTED));
        m.put(Defect.TCB_ADVISORY, tcb(TcbStatus.SW_HARDENING_NEEDED, "INTEL-SA-00657"));
        m.put(Defect.QE_OUT_OF_DATE, qe(TcbStatus.OUT_OF_DATE));
        m.put(Defect.QE_REVOKED, qe(TcbStatus.REVOKED));
        m.put(Defect.QE_NOT_SUPPORTED, qe(TcbStatus.NOT_SUPPORTED));
        m.put(Defect.TDX_MODULE_OUT_OF_DATE, td(t -> t.moduleTcb(TcbStatus.OUT_OF_DATE)));
        m.put(Defect.TDX_MODULE_REVOKED, td(t -> t.moduleTcb(TcbStatus.REVOKED)));
        m.put(Defect.TDX_MODULE_NOT_SUPPORTED, td(t -> t.moduleTcb(TcbStatus.NOT_SUPPORTED)));
        m.put(Defect.TDX_RELAUNCH_ADVISED, td(t -> t.quoteV5(true).tcb(TcbStatus.RELAUNCH_ADVISED, "INTEL-SA-00615")));
        m.put(Defect.TDX_RELAUNCH_ADVISED_CONFIGURATION_NEEDED, td(t -> t.quoteV5(true)
                .tcb(TcbStatus.RELAUNCH_ADVISED_CONFIGURATION_NEEDED, "INTEL-SA-00615")));
        m.put(Defect.PLATFORM_FLAGS, s -> Tampering.in(Site.PCK_EXTENSION, e -> e.sgxType = 2));
        m.put(Defect.SGX_DEBUG, s -> Tampering.at(Site.PLATFORM, p -> ((FakeSgx) p).debug()));
        m.put(Defect.SGX_NOT_INITIALIZED, quote(q -> q.body[ATTRIBUTES] &= (byte) ~1));
        m.put(Defect.SGX_OTHER_IMAGE, s -> Tampering.at(Site.PLATFORM, p -> ((FakeSgx) p).mrEnclave(new byte[32])));
        m.put(Defect.SGX_OTHER_SIGNER, s -> Tampering.at(Site.PLATFORM, p -> ((FakeSgx) p).mrSigner(new byte[32])));
        m.put(
                Defect.SGX_OTHER_PRODUCT,
                s -> Tampering.at(Site.PLATFORM, p -> ((FakeSgx) p).product(77, ((FakeSgx) p).isvSvn())));
        m.put(
                Defect.SGX_OLDER_VERSION,
                s -> Tampering.at(Site.PLATFORM, p -> ((FakeSgx) p).product(((FakeSgx) p).isvProdId(), 0)));
        m.put(Defect.TDX_DEBUG, td(FakeTdx::debug));
        m.put(Defect.TDX_ATTRIBUTES_RESERVED, td(t -> t.attributes(t.attributes() | 1L << 40)));
        m.put(Defect.TDX_SEPT_VE, td(t -> t.attributes(t.attributes() & ~(1L << 28))));
        m.put(Defect.TDX_ATTRIBUTE_NOT_ALLOWED, td(t -> t.attributes(t.attributes() | 1L << 30)));
        m.put(Defect.TDX_XFAM, td(t -> t.xfam(0x602e7 | 1L << 40)));
        m.put(Defect.TDX_SERVICE_TD, td(t -> t.quoteV5(true).serviceTd(Values.measurement("a service TD"))));
        m.put(Defect.TDX_OTHER_IMAGE, td(t -> t.mrTd(Values.measurement("another image"))));
        m.put(Defect.TDX_OTHER_RTMR, td(t -> t.rtmr(3, Values.measurement("another event"))));
    }

    /** An instant that no document of this clock reaches back to. */
    static Instant longAgo(Defects.Scene s) {
        return s.second().minus(Duration.ofDays(20));
    }
}
