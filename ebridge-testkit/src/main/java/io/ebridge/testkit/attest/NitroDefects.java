package io.ebridge.testkit.attest;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.EvidenceRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;

/** How the defects of Nitro documents are made. */
final class NitroDefects {
    /** An extension that nobody understands. */
    static final ASN1ObjectIdentifier UNKNOWN = new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1");

    private NitroDefects() {}

    static void addTo(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        encoding(m);
        fields(m);
        signatureAndTime(m);
        chain(m);
        appraisal(m);
    }

    private static Function<Defects.Scene, Tampering> document(Consumer<NitroForge.Document> change) {
        return Defects.change(Site.NITRO_DOCUMENT, change);
    }

    private static Function<Defects.Scene, Tampering> field(String name, Cbor value) {
        return document(d -> d.replaced.put(name, value.toBytes()));
    }

    private static Function<Defects.Scene, Tampering> cert(Site<CertSpec> site, Consumer<CertSpec> change) {
        return Defects.change(site, change);
    }

    private static void encoding(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.NITRO_DOCUMENT_TOO_LONG, document(d -> {
            for (int i = 0; i < 21; i++) {
                d.more.add(new NitroForge.Entry(
                        "filler" + i, new Cbor().bytes(new byte[1000]).toBytes()));
            }
        }));
        m.put(Defect.NITRO_PAYLOAD_TOO_LONG, document(d -> {
            for (int i = 0; i < 13; i++) {
                d.more.add(new NitroForge.Entry(
                        "filler" + i, new Cbor().bytes(new byte[1000]).toBytes()));
            }
        }));
        m.put(
                Defect.NITRO_PAYLOAD_TRUNCATED,
                s -> Tampering.at(Site.NITRO_PAYLOAD, p -> Arrays.copyOf(p, p.length - 1)));
        m.put(
                Defect.NITRO_PAYLOAD_TRAILING_BYTE,
                s -> Tampering.at(Site.NITRO_PAYLOAD, p -> Arrays.copyOf(p, p.length + 1)));
        m.put(
                Defect.NITRO_WRONG_TAG,
                s -> Tampering.at(
                        Site.EVIDENCE, b -> new Cbor().head(6, 17).raw(b).toBytes()));
        m.put(
                Defect.NITRO_FIVE_PARTS,
                s -> Tampering.at(Site.EVIDENCE, b -> {
                    byte[] c = Arrays.copyOf(b, b.length + 1);
                    c[0] = (byte) 0x85;
                    c[b.length] = (byte) 0xf6;
                    return c;
                }));
        m.put(
                Defect.NITRO_WRONG_ALGORITHM,
                document(d -> d.protectedHeader =
                        new Cbor().map(1).integer(1).integer(-7).toBytes()));
        m.put(
                Defect.NITRO_TEXT_ALGORITHM,
                document(d -> d.protectedHeader =
                        new Cbor().map(1).integer(1).text("ES384").toBytes()));
        m.put(
                Defect.NITRO_EXTRA_PROTECTED_HEADER,
                document(d -> d.protectedHeader = new Cbor()
                        .map(2)
                        .integer(1)
                        .integer(-35)
                        .integer(2)
                        .array(1)
                        .integer(1)
                        .toBytes()));
        m.put(
                Defect.NITRO_UNPROTECTED_HEADER,
                document(d -> d.unprotected =
                        new Cbor().map(1).integer(4).bytes(new byte[1]).toBytes()));
        m.put(
                Defect.NITRO_DUPLICATE_KEY,
                document(d -> d.more.add(
                        new NitroForge.Entry("nonce", new Cbor().nul().toBytes()))));
        m.put(Defect.NITRO_DUPLICATE_PCR, document(d -> {
            Cbor pcrs = new Cbor().map(d.pcrs.size() + 1);
            d.pcrs.forEach((i, v) -> pcrs.integer(i).bytes(v));
            d.replaced.put(
                    "pcrs",
                    pcrs.integer(0).bytes(Objects.requireNonNull(d.pcrs.get(0))).toBytes());
        }));
    }

    private static void fields(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.NITRO_NO_MODULE_ID, field("module_id", new Cbor()));
        m.put(Defect.NITRO_NO_DIGEST, field("digest", new Cbor()));
        m.put(Defect.NITRO_NO_TIMESTAMP, field("timestamp", new Cbor()));
        m.put(Defect.NITRO_NO_PCRS, field("pcrs", new Cbor()));
        m.put(Defect.NITRO_NO_CERTIFICATE, field("certificate", new Cbor()));
        m.put(Defect.NITRO_NO_CABUNDLE, field("cabundle", new Cbor()));
        m.put(Defect.NITRO_EMPTY_MODULE_ID, field("module_id", new Cbor().text("")));
        m.put(Defect.NITRO_ZERO_TIMESTAMP, field("timestamp", new Cbor().integer(0)));
        m.put(Defect.NITRO_TEXT_TIMESTAMP, field("timestamp", new Cbor().text("now")));
        m.put(Defect.NITRO_NULL_CERTIFICATE, field("certificate", new Cbor().nul()));
        m.put(Defect.NITRO_EMPTY_CABUNDLE, field("cabundle", new Cbor().array(0)));
        m.put(Defect.NITRO_LONG_USER_DATA, field("user_data", new Cbor().bytes(new byte[1025])));
        m.put(Defect.NITRO_WRONG_DIGEST, field("digest", new Cbor().text("SHA256")));
        m.put(Defect.NITRO_PCR_32, document(d -> d.pcrs.put(32, new byte[48])));
        m.put(Defect.NITRO_SHORT_PCR, document(d -> d.pcrs.put(15, new byte[32])));
        m.put(Defect.NITRO_EMPTY_PCRS, field("pcrs", new Cbor().map(0)));
    }

    private static void signatureAndTime(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.NITRO_SIGNATURE_BROKEN, document(d -> d.breakSignature = true));
        m.put(
                Defect.NITRO_SIGNED_BY_STRANGER,
                s -> Tampering.in(
                        Site.NITRO_DOCUMENT,
                        d -> d.signer = Forges.of(s.seed()).nitro().stranger()));
        m.put(
                Defect.NITRO_CHANGED_AFTER_SIGNING,
                s -> Tampering.at(Site.EVIDENCE, b -> {
                    // The last hexadecimal digit of the module id: still a well-formed document.
                    byte[] c = b.clone();
                    int at = new String(c, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("fdigest") - 1;
                    c[at] = (byte) (c[at] == '0' ? '1' : '0');
                    return c;
                }));
        m.put(Defect.NITRO_TIMESTAMP_OUTSIDE_CERTIFICATE, s -> Tampering.in(
                        Site.NITRO_LEAF, c -> c.notBefore = s.second().minusSeconds(5))
                .and(Tampering.in(
                        Site.NITRO_DOCUMENT,
                        d -> d.timestamp = s.second().minusSeconds(10).toEpochMilli())));
        m.put(Defect.NITRO_TIMESTAMP_STALE, s -> Tampering.in(
                        Site.NITRO_LEAF, c -> c.notBefore = s.second().minus(Duration.ofHours(1)))
                .and(Tampering.in(
                        Site.NITRO_DOCUMENT,
                        d -> d.timestamp = s.now().minus(Duration.ofMinutes(30)).toEpochMilli())));
        m.put(
                Defect.NITRO_TIMESTAMP_FUTURE,
                s -> Tampering.in(
                        Site.NITRO_DOCUMENT,
                        d -> d.timestamp = s.now().plus(Duration.ofMinutes(30)).toEpochMilli()));
    }

    private static void chain(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.NITRO_LEAF_EXPIRED, s -> Defects.expired(Site.NITRO_LEAF)
                .apply(s)
                .and(Tampering.in(
                        Site.NITRO_DOCUMENT,
                        d -> d.timestamp = s.second().minusSeconds(3).toEpochMilli())));
        m.put(Defect.NITRO_INSTANCE_EXPIRED, Defects.expired(Site.NITRO_INSTANCE));
        m.put(Defect.NITRO_ZONAL_EXPIRED, Defects.expired(Site.NITRO_ZONAL));
        m.put(Defect.NITRO_REGIONAL_EXPIRED, Defects.expired(Site.NITRO_REGIONAL));
        m.put(Defect.NITRO_ROOT_EXPIRED, Defects.expired(Site.NITRO_ROOT));
        m.put(Defect.NITRO_LEAF_NOT_YET_VALID, Defects.notYetValid(Site.NITRO_LEAF));
        m.put(Defect.NITRO_INSTANCE_NOT_YET_VALID, Defects.notYetValid(Site.NITRO_INSTANCE));
        m.put(Defect.NITRO_ZONAL_NOT_YET_VALID, Defects.notYetValid(Site.NITRO_ZONAL));
        m.put(Defect.NITRO_REGIONAL_NOT_YET_VALID, Defects.notYetValid(Site.NITRO_REGIONAL));
        m.put(Defect.NITRO_LEAF_SIGNATURE, Defects.badSignature(Site.NITRO_LEAF));
        m.put(Defect.NITRO_INSTANCE_SIGNATURE, Defects.badSignature(Site.NITRO_INSTANCE));
        m.put(Defect.NITRO_ZONAL_SIGNATURE, Defects.badSignature(Site.NITRO_ZONAL));
        m.put(Defect.NITRO_REGIONAL_SIGNATURE, Defects.badSignature(Site.NITRO_REGIONAL));
        m.put(
                Defect.NITRO_LEAF_ISSUER_NAME,
                cert(Site.NITRO_LEAF, c -> c.issuer = Names.awsInstance("another.aws.nitro-enclaves")));
        m.put(
                Defect.NITRO_REGIONAL_ISSUER_NAME,
                cert(Site.NITRO_REGIONAL, c -> c.issuer = Names.aws("another.nitro-enclaves")));
        m.put(
                Defect.NITRO_ROOT_NAME,
                cert(Site.NITRO_ROOT, c -> c.subject = c.issuer = Names.aws("another.nitro-enclaves")));
        m.put(Defect.NITRO_ROOT_KEY, s -> {
            EcKey other = Forges.of(s.seed()).nitro().stranger();
            return Tampering.in(Site.NITRO_ROOT, c -> {
                        c.key = other.spki();
                        c.signer = other;
                    })
                    .and(Tampering.in(Site.NITRO_REGIONAL, c -> c.signer = other));
        });
        m.put(Defect.NITRO_ROOT_TWICE, document(d -> d.cabundle.add(0, d.cabundle.get(0))));
        m.put(Defect.NITRO_ROOT_ABSENT, document(d -> d.cabundle.remove(0)));
        m.put(Defect.NITRO_CABUNDLE_REVERSED, document(d -> java.util.Collections.reverse(d.cabundle)));
        m.put(Defect.NITRO_ZONAL_ABSENT, document(d -> d.cabundle.remove(2)));
        m.put(Defect.NITRO_CHAIN_TOO_LONG, document(d -> {
            while (d.cabundle.size() < 17) {
                d.cabundle.add(1, d.cabundle.get(1));
            }
        }));
        m.put(Defect.NITRO_CERTIFICATE_MALFORMED, document(d -> d.certificate[1] ^= 1));
        m.put(
                Defect.NITRO_INSTANCE_NO_CA,
                cert(
                        Site.NITRO_INSTANCE,
                        c -> c.replace(Extension.basicConstraints, CertSpec.der(new BasicConstraints(false)))));
        m.put(
                Defect.NITRO_LEAF_IS_CA,
                cert(
                        Site.NITRO_LEAF,
                        c -> c.replace(Extension.basicConstraints, CertSpec.der(new BasicConstraints(true)))));
        m.put(
                Defect.NITRO_INSTANCE_KEY_USAGE,
                cert(
                        Site.NITRO_INSTANCE,
                        c -> c.replace(Extension.keyUsage, CertSpec.der(new KeyUsage(KeyUsage.digitalSignature)))));
        m.put(
                Defect.NITRO_LEAF_KEY_USAGE,
                cert(
                        Site.NITRO_LEAF,
                        c -> c.replace(Extension.keyUsage, CertSpec.der(new KeyUsage(KeyUsage.keyAgreement)))));
        m.put(
                Defect.NITRO_ZONAL_PATH_LENGTH,
                cert(
                        Site.NITRO_ZONAL,
                        c -> c.replace(Extension.basicConstraints, CertSpec.der(new BasicConstraints(0)))));
        m.put(Defect.NITRO_LEAF_CRITICAL_EXTENSION, cert(Site.NITRO_LEAF, c -> c.ext(UNKNOWN, true, DERNull.INSTANCE)));
        m.put(
                Defect.NITRO_LEAF_KEY_ON_P256,
                s -> Tampering.in(
                        Site.NITRO_LEAF,
                        c -> c.key = EcKey.derive(s.seed(), EcKey.Curve.P256, "nitro small leaf")
                                .spki()));
        m.put(Defect.NITRO_REGIONAL_REVOKED, s -> {
            byte[][] crl = new byte[1][];
            return Tampering.at(Site.NITRO_REGIONAL_CRL, c -> {
                        c.revoked.add(Forges.of(s.seed())
                                .nitro()
                                .chain((FakeNitro) s.platform(), s.now(), Tampering.NONE)
                                .regional()
                                .spec()
                                .serial);
                        crl[0] = c.issue();
                        return c;
                    })
                    .and(Tampering.in(Site.COLLATERAL, c -> c.put(Collateral.Kind.NITRO_CRL, crl[0])));
        });
    }

    private static void appraisal(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(Defect.NITRO_DEBUG, document(d -> {
            for (int i = 0; i < 3; i++) {
                d.pcrs.put(i, new byte[48]);
            }
        }));
        m.put(Defect.NITRO_OTHER_IMAGE, document(d -> d.pcrs.put(0, Values.measurement("another image"))));
        m.put(Defect.NITRO_OTHER_SIGNER, document(d -> d.pcrs.put(8, Values.measurement("another signer"))));
        m.put(
                Defect.NITRO_WRONG_NONCE,
                s -> Tampering.at(
                        Site.REQUEST,
                        r -> new EvidenceRequest(
                                r.reportData(),
                                Optional.of(Bytes.of(Digests.sha256(
                                        "another nonce".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))),
                                r.publicKeySha256())));
        m.put(
                Defect.NITRO_NO_NONCE,
                s -> Tampering.at(
                        Site.REQUEST, r -> new EvidenceRequest(r.reportData(), Optional.empty(), r.publicKeySha256())));
        m.put(
                Defect.NITRO_SWAPPED_KEY,
                s -> Tampering.at(
                        Site.REQUEST,
                        r -> new EvidenceRequest(
                                r.reportData(),
                                r.nonce(),
                                Optional.of(Bytes.of(Digests.sha256(
                                        "another key".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))))));
    }
}
