package io.ebridge.testkit.attest;

import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.snp.SnpTcb;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.KeyUsage;

/** AMD's certificates: ARK, ASK or ASVK, VCEK or VLEK, and the ARK's CRL (AMD 57230, sections 3 and 4). */
final class AmdPki {
    static final ASN1ObjectIdentifier SEV = new ASN1ObjectIdentifier("1.3.6.1.4.1.3704.1");
    static final ASN1ObjectIdentifier PRODUCT = SEV.branch("2");
    static final ASN1ObjectIdentifier BOOTLOADER = SEV.branch("3.1");
    static final ASN1ObjectIdentifier TEE = SEV.branch("3.2");
    static final ASN1ObjectIdentifier SNP = SEV.branch("3.3");
    static final ASN1ObjectIdentifier MICROCODE = SEV.branch("3.8");
    static final ASN1ObjectIdentifier FMC = SEV.branch("3.9");
    static final ASN1ObjectIdentifier HWID = SEV.branch("4");
    static final ASN1ObjectIdentifier CSP = SEV.branch("5");

    static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    static final Instant UNTIL = Instant.parse("2049-12-30T23:59:59Z");

    /** Root and intermediate certificates rest on embedded keys alone, so they are made once for the process. */
    private static final Map<String, CertSpec.Issued> FIXED = new ConcurrentHashMap<>();

    private static final Seed FIXED_SALTS = Seed.of(0);

    /** All of them at an instant. */
    record Certificates(CertSpec.Issued ark, CertSpec.Issued ask, CertSpec.Issued vek, byte[] crl) {}

    private final Seed seed;

    AmdPki(Seed seed) {
        this.seed = seed;
    }

    static RsaKey arkKey(SnpProduct product) {
        return RsaKey.named("ark-" + product.line().toLowerCase(Locale.ROOT));
    }

    static RsaKey issuerKey(SnpProduct product, boolean vlek) {
        return RsaKey.named((vlek ? "asvk-" : "ask-") + product.line().toLowerCase(Locale.ROOT));
    }

    EcKey vekKey(FakeSnp p) {
        return EcKey.derive(seed, EcKey.Curve.P384, p.isVlek() ? "amd vlek" : "amd vcek " + p.machine());
    }

    static CertSpec.Issued ark(SnpProduct product, Tampering tampering) {
        if (!tampering.touches(Site.AMD_ISSUERS)) {
            return FIXED.computeIfAbsent("ark " + product, k -> makeArk(product, tampering));
        }
        return makeArk(product, tampering);
    }

    private static CertSpec.Issued makeArk(SnpProduct product, Tampering tampering) {
        RsaKey key = arkKey(product);
        X500Name name = Names.amd("ARK-" + product.line());
        CertSpec spec = new CertSpec(
                        name,
                        key.spki(),
                        name,
                        key.signer(FIXED_SALTS, true),
                        BigInteger.valueOf((product.ordinal() + 1) * 0x10000L),
                        FROM,
                        UNTIL)
                .usage(true, KeyUsage.keyCertSign | KeyUsage.cRLSign)
                .subjectKeyId(key.keyId())
                .ca(-1)
                .crlAt(crlUri(product, false));
        return tampering.pass(Site.ARK, spec).issue();
    }

    private static CertSpec.Issued makeAsk(SnpProduct product, boolean vlek, CertSpec.Issued ark, Tampering tampering) {
        RsaKey key = issuerKey(product, vlek);
        RsaKey root = arkKey(product);
        CertSpec spec = new CertSpec(
                        Names.amd((vlek ? "SEV-VLEK-" : "SEV-") + product.line()),
                        key.spki(),
                        ark.spec().subject,
                        root.signer(FIXED_SALTS, true),
                        BigInteger.valueOf((product.ordinal() + 1) * 0x10000L + (vlek ? 0x101 : 1)),
                        FROM,
                        UNTIL)
                .subjectKeyId(key.keyId())
                .authorityKeyId(root.keyId())
                .ca(0)
                .usage(true, KeyUsage.keyCertSign)
                .crlAt(crlUri(product, vlek));
        return tampering.pass(Site.ASK, spec).issue();
    }

    private static String crlUri(SnpProduct product, boolean vlek) {
        return "https://insecure-a.test/" + (vlek ? "vlek" : "vcek") + "/v1/" + product.line() + "/crl";
    }

    Certificates issue(FakeSnp p, Instant now, Tampering tampering) {
        SnpProduct product = p.product();
        CertSpec.Issued ark = ark(product, tampering);
        CertSpec.Issued ask = !tampering.touches(Site.AMD_ISSUERS)
                ? FIXED.computeIfAbsent(
                        "ask " + product + p.isVlek(), k -> makeAsk(product, p.isVlek(), ark, tampering))
                : makeAsk(product, p.isVlek(), ark, tampering);
        CertSpec.Issued vek = tampering.pass(Site.VEK, vek(p, ask, now)).issue();
        Instant day = now.truncatedTo(ChronoUnit.DAYS);
        byte[] crl = tampering
                .pass(
                        Site.AMD_CRL,
                        new CrlSpec(
                                ark.spec().subject,
                                arkKey(product).signer(seed, true),
                                arkKey(product).keyId(),
                                day,
                                day.plus(Duration.ofDays(180))))
                .issue();
        return new Certificates(ark, ask, vek, crl);
    }

    private CertSpec vek(FakeSnp p, CertSpec.Issued ask, Instant now) {
        boolean vlek = p.isVlek();
        Instant year = now.atOffset(ZoneOffset.UTC)
                .withDayOfYear(1)
                .truncatedTo(ChronoUnit.DAYS)
                .toInstant();
        Instant month = now.atOffset(ZoneOffset.UTC)
                .withDayOfMonth(1)
                .truncatedTo(ChronoUnit.DAYS)
                .toInstant();
        Instant from = vlek ? month.minus(Duration.ofDays(30)) : year.minus(Duration.ofDays(90));
        Instant until = from.plus(Duration.ofDays(vlek ? 365 : 7 * 365 + 2));
        SnpProduct product = p.product();
        CertSpec spec = new CertSpec(
                Names.amd(vlek ? "SEV-VLEK" : "SEV-VCEK"),
                vekKey(p).spki(),
                ask.spec().subject,
                issuerKey(product, vlek).signer(seed, false),
                BigInteger.ZERO,
                from,
                until);
        SnpTcb tcb = p.reportedTcb();
        boolean turin = product == SnpProduct.TURIN;
        String name = product == SnpProduct.MILAN && !vlek ? "Milan-B0" : product.line();
        integer(spec, SEV.branch("1"), turin ? 1 : 0);
        spec.ext(PRODUCT, false, new DERIA5String(name));
        // The numbers between are reserved security versions, zero throughout; AMD's order differs by product.
        if (turin) {
            integer(spec, FMC, tcb.fmc());
        }
        integer(spec, BOOTLOADER, tcb.bootloader());
        integer(spec, TEE, tcb.tee());
        if (turin) {
            integer(spec, SNP, tcb.snp());
        } else {
            integer(spec, SEV.branch("3.4"), 0);
        }
        integer(spec, SEV.branch("3.5"), 0);
        integer(spec, SEV.branch("3.6"), 0);
        integer(spec, SEV.branch("3.7"), 0);
        if (!turin) {
            integer(spec, SNP, tcb.snp());
        }
        integer(spec, MICROCODE, tcb.microcode());
        if (vlek) {
            return spec.ext(CSP, false, new DERIA5String(p.vlekProvider()));
        }
        byte[] chip = p.chipId(seed);
        return spec.ext(HWID, false, turin ? java.util.Arrays.copyOf(chip, 8) : chip);
    }

    private static void integer(CertSpec spec, ASN1ObjectIdentifier oid, int value) {
        spec.ext(oid, false, new ASN1Integer(value));
    }
}
