package io.ebridge.testkit.attest;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.KeyUsage;

/** Intel's certificates: root, PCK CA (Platform or Processor), PCK, TCB signing (Intel SGX PCK Certificate and CRL Profile). */
final class IntelPki {
    static final ASN1ObjectIdentifier SGX = new ASN1ObjectIdentifier("1.2.840.113741.1.13.1");
    static final Instant FROM = Instant.parse("2018-05-21T10:45:10Z");
    static final Instant UNTIL = Instant.parse("2049-12-31T23:59:59Z");
    private static final String ROOT_CRL = "https://certificates.the-insecure-test.invalid/IntelSGXRootCA.der";

    /** What the PCK certificate says of its platform. */
    static final class PckExtension {
        byte[] ppid;
        int[] components;
        int pcesvn;
        byte[] cpusvn;
        byte[] pceid;
        byte[] fmspc;
        int sgxType;
        boolean platform;
        byte[] platformInstance;
        boolean dynamicPlatform = true;
        boolean cachedKeys = true;
        boolean smt = true;
        boolean duplicateFmspc;

        PckExtension(
                byte[] ppid, int[] components, int pcesvn, byte[] pceid, byte[] fmspc, boolean platform, byte[] id) {
            this.ppid = ppid;
            this.components = components.clone();
            this.pcesvn = pcesvn;
            this.pceid = pceid;
            this.fmspc = fmspc;
            this.platform = platform;
            this.sgxType = platform ? 1 : 0;
            this.platformInstance = id;
            this.cpusvn = new byte[16];
            for (int i = 0; i < 16; i++) {
                cpusvn[i] = (byte) components[i];
            }
        }

        byte[] der() {
            ASN1EncodableVector tcb = new ASN1EncodableVector();
            for (int i = 0; i < components.length; i++) {
                tcb.add(pair(SGX.branch("2." + (i + 1)), new ASN1Integer(components[i])));
            }
            tcb.add(pair(SGX.branch("2.17"), new ASN1Integer(pcesvn)));
            tcb.add(pair(SGX.branch("2.18"), new DEROctetString(cpusvn)));
            ASN1EncodableVector all = new ASN1EncodableVector();
            all.add(pair(SGX.branch("1"), new DEROctetString(ppid)));
            all.add(pair(SGX.branch("2"), new DERSequence(tcb)));
            all.add(pair(SGX.branch("3"), new DEROctetString(pceid)));
            all.add(pair(SGX.branch("4"), new DEROctetString(fmspc)));
            if (duplicateFmspc) {
                all.add(pair(SGX.branch("4"), new DEROctetString(fmspc)));
            }
            all.add(pair(SGX.branch("5"), new ASN1Enumerated(sgxType)));
            if (platform) {
                all.add(pair(SGX.branch("6"), new DEROctetString(platformInstance)));
                ASN1EncodableVector flags = new ASN1EncodableVector();
                flags.add(pair(SGX.branch("7.1"), ASN1Boolean.getInstance(dynamicPlatform)));
                flags.add(pair(SGX.branch("7.2"), ASN1Boolean.getInstance(cachedKeys)));
                flags.add(pair(SGX.branch("7.3"), ASN1Boolean.getInstance(smt)));
                all.add(pair(SGX.branch("7"), new DERSequence(flags)));
            }
            return CertSpec.der(new DERSequence(all));
        }

        private static DERSequence pair(ASN1ObjectIdentifier oid, ASN1Encodable value) {
            return new DERSequence(new ASN1Encodable[] {oid, value});
        }
    }

    /** All of them at an instant. */
    record Certificates(
            CertSpec.Issued root,
            CertSpec.Issued pckCa,
            CertSpec.Issued pck,
            CertSpec.Issued tcbSigning,
            byte[] rootCrl,
            byte[] pckCrl) {
        String pckChain() {
            return pck.pem() + pckCa.pem() + root.pem();
        }

        String pckCrlChain() {
            return pckCa.pem() + root.pem();
        }

        String tcbChain() {
            return tcbSigning.pem() + root.pem();
        }
    }

    private final Seed seed;
    private final EcKey rootKey;
    private final EcKey tcbKey;

    IntelPki(Seed seed) {
        this.seed = seed;
        this.rootKey = EcKey.derive(seed, EcKey.Curve.P256, "intel root");
        this.tcbKey = EcKey.derive(seed, EcKey.Curve.P256, "intel tcb signing");
    }

    EcKey tcbKey() {
        return tcbKey;
    }

    EcKey pckKey(String machine) {
        return EcKey.derive(seed, EcKey.Curve.P256, "intel pck " + machine);
    }

    CertSpec.Issued root(Tampering tampering) {
        X500Name name = Names.intel("Intel SGX Root CA");
        return tampering
                .pass(
                        Site.INTEL_ROOT,
                        certificate(name, rootKey, name, serial(rootKey), FROM, UNTIL, ROOT_CRL, rootKey)
                                .usage(true, KeyUsage.keyCertSign | KeyUsage.cRLSign)
                                .ca(1))
                .issue();
    }

    Certificates issue(String machine, PckExtension extension, Instant now, Tampering tampering) {
        Instant year = now.atOffset(ZoneOffset.UTC)
                .withDayOfYear(1)
                .truncatedTo(java.time.temporal.ChronoUnit.DAYS)
                .toInstant();
        Instant issued = year.minus(Duration.ofDays(90));
        Instant until = issued.plus(Duration.ofDays(7 * 365 + 2));
        Instant day = now.truncatedTo(java.time.temporal.ChronoUnit.DAYS);

        CertSpec.Issued root = root(tampering);
        String kind = extension.platform ? "Platform" : "Processor";
        EcKey caKey = EcKey.derive(seed, EcKey.Curve.P256, "intel pck ca " + kind);
        CertSpec.Issued ca = tampering
                .pass(
                        Site.PCK_CA,
                        certificate(
                                        Names.intel("Intel SGX PCK " + kind + " CA"),
                                        caKey,
                                        root.spec().subject,
                                        serial(caKey),
                                        FROM,
                                        UNTIL,
                                        ROOT_CRL,
                                        rootKey)
                                .usage(true, KeyUsage.keyCertSign | KeyUsage.cRLSign)
                                .ca(0))
                .issue();
        EcKey pckKey = pckKey(machine);
        CertSpec.Issued pck = tampering
                .pass(
                        Site.PCK,
                        certificate(
                                        Names.intel("Intel SGX PCK Certificate"),
                                        pckKey,
                                        ca.spec().subject,
                                        seed.serial("pck " + machine + issued, 20),
                                        issued,
                                        until,
                                        "https://api.the-insecure-test.invalid/sgx/certification/v4/pckcrl?ca="
                                                + kind.toLowerCase(Locale.ROOT) + "&encoding=der",
                                        caKey)
                                .usage(true, KeyUsage.digitalSignature | KeyUsage.nonRepudiation)
                                .notCa()
                                .ext(SGX, false, extension.der()))
                .issue();
        CertSpec.Issued tcb = tampering
                .pass(
                        Site.TCB_SIGNING,
                        certificate(
                                        Names.intel("Intel SGX TCB Signing"),
                                        tcbKey,
                                        root.spec().subject,
                                        serial(tcbKey),
                                        issued,
                                        until,
                                        ROOT_CRL,
                                        rootKey)
                                .usage(true, KeyUsage.digitalSignature | KeyUsage.nonRepudiation)
                                .notCa())
                .issue();
        CrlSpec rootCrl =
                new CrlSpec(root.spec().subject, rootKey, rootKey.keyId(), day, day.plus(Duration.ofDays(365)));
        CrlSpec pckCrl = new CrlSpec(ca.spec().subject, caKey, caKey.keyId(), day, day.plus(Duration.ofDays(30)));
        // Lists of the real CAs are never empty; these serials belong to nobody.
        pckCrl.revoked.add(seed.serial("revoked 1", 20));
        pckCrl.revoked.add(seed.serial("revoked 2", 20));
        return new Certificates(
                root,
                ca,
                pck,
                tcb,
                tampering.pass(Site.INTEL_ROOT_CRL, rootCrl).issue(),
                tampering.pass(Site.PCK_CRL, pckCrl).issue());
    }

    /** Intel takes the key identifier for the serial number. */
    private static BigInteger serial(EcKey key) {
        return new BigInteger(1, key.keyId());
    }

    private static CertSpec certificate(
            X500Name subject,
            EcKey key,
            X500Name issuer,
            BigInteger serial,
            Instant from,
            Instant until,
            String crl,
            EcKey signer) {
        return new CertSpec(subject, key.spki(), issuer, signer, serial, from, until)
                .authorityKeyId(signer.keyId())
                .crlAt(crl)
                .subjectKeyId(key.keyId());
    }
}
