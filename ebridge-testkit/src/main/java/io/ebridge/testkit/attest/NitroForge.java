package io.ebridge.testkit.attest;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.jspecify.annotations.Nullable;

/** Nitro attestation documents and the certificates under them (AWS NSM API, attestation process, sections 2 and 3). */
final class NitroForge {
    static final Instant ROOT_FROM = Instant.parse("2019-10-28T13:28:05Z");
    static final Instant ROOT_UNTIL = Instant.parse("2049-10-28T14:28:05Z");

    /** A key and value of the payload map, the value encoded. */
    record Entry(String key, byte[] value) {}

    /** A document before it is encoded. */
    static final class Document {
        boolean tagged;
        boolean indefinite;
        byte[] protectedHeader = new Cbor().map(1).integer(1).integer(-35).toBytes();
        byte[] unprotected = new Cbor().map(0).toBytes();
        String moduleId = "";
        String digest = "SHA384";
        long timestamp;
        final TreeMap<Integer, byte[]> pcrs = new TreeMap<>();
        byte[] certificate = {};
        final List<byte[]> cabundle = new ArrayList<>();
        byte @Nullable [] publicKey;
        byte @Nullable [] userData;
        byte @Nullable [] nonce;
        EcKey signer;
        boolean breakSignature;
        /** Entries after the nine of the specification. */
        final List<Entry> more = new ArrayList<>();
        /** Replaces the encoded value of one of the nine, or leaves it out where the value is empty. */
        final Map<String, byte[]> replaced = new TreeMap<>();

        Document(EcKey signer) {
            this.signer = signer;
        }

        byte[] payload() {
            List<Entry> entries = new ArrayList<>();
            put(entries, "module_id", new Cbor().text(moduleId));
            put(entries, "digest", new Cbor().text(digest));
            put(entries, "timestamp", new Cbor().integer(timestamp));
            Cbor map = new Cbor().map(pcrs.size());
            pcrs.forEach((i, v) -> map.integer(i).bytes(v));
            put(entries, "pcrs", map);
            put(entries, "certificate", new Cbor().bytes(certificate));
            Cbor bundle = new Cbor().array(cabundle.size());
            cabundle.forEach(bundle::bytes);
            put(entries, "cabundle", bundle);
            put(entries, "public_key", optional(publicKey));
            put(entries, "user_data", optional(userData));
            put(entries, "nonce", optional(nonce));
            entries.addAll(more);
            Cbor out = indefinite ? new Cbor().raw(0xbf) : new Cbor().map(entries.size());
            entries.forEach(e -> out.text(e.key()).raw(e.value()));
            return indefinite ? out.raw(0xff).toBytes() : out.toBytes();
        }

        private void put(List<Entry> entries, String key, Cbor value) {
            byte[] v = replaced.getOrDefault(key, value.toBytes());
            if (v.length > 0) {
                entries.add(new Entry(key, v));
            }
        }

        private static Cbor optional(byte @Nullable [] v) {
            return v == null ? new Cbor().nul() : new Cbor().bytes(v);
        }

        byte[] encode(Tampering tampering) {
            byte[] payload = tampering.pass(Site.NITRO_PAYLOAD, payload());
            byte[] toBeSigned = new Cbor()
                    .array(4)
                    .text("Signature1")
                    .bytes(protectedHeader)
                    .bytes(new byte[0])
                    .bytes(payload)
                    .toBytes();
            byte[] signature = signer.signRaw(toBeSigned);
            if (breakSignature) {
                signature[signature.length - 1] ^= 1;
            }
            Cbor out = new Cbor();
            if (tagged) {
                out.head(6, 18);
            }
            return out.array(4)
                    .bytes(protectedHeader)
                    .raw(unprotected)
                    .bytes(payload)
                    .bytes(signature)
                    .toBytes();
        }
    }

    /** Root to leaf, valid around an instant. */
    record Chain(
            CertSpec.Issued root,
            CertSpec.Issued regional,
            CertSpec.Issued zonal,
            CertSpec.Issued instance,
            CertSpec.Issued leaf,
            byte[] regionalCrl,
            EcKey leafKey) {}

    private final Seed seed;
    private final EcKey rootKey;
    private final EcKey regionalKey;
    private final EcKey zonalKey;
    private final EcKey instanceKey;
    private final EcKey leafKey;

    NitroForge(Seed seed) {
        this.seed = seed;
        this.rootKey = EcKey.derive(seed, EcKey.Curve.P384, "nitro root");
        this.regionalKey = EcKey.derive(seed, EcKey.Curve.P384, "nitro regional");
        this.zonalKey = EcKey.derive(seed, EcKey.Curve.P384, "nitro zonal");
        this.instanceKey = EcKey.derive(seed, EcKey.Curve.P384, "nitro instance");
        this.leafKey = EcKey.derive(seed, EcKey.Curve.P384, "nitro leaf");
    }

    CertSpec.Issued root(Tampering tampering) {
        X500Name name = Names.aws("aws.nitro-enclaves");
        CertSpec spec = new CertSpec(name, rootKey.spki(), name, rootKey, serial("nitro root"), ROOT_FROM, ROOT_UNTIL)
                .ca(-1)
                .subjectKeyId(rootKey.keyId())
                .usage(true, KeyUsage.digitalSignature | KeyUsage.keyCertSign | KeyUsage.cRLSign);
        return tampering.pass(Site.NITRO_ROOT, spec).issue();
    }

    /** Certificates as AWS would have them at that instant: the leaf starts with the hour and lives for three. */
    Chain chain(FakeNitro machine, Instant now, Tampering tampering) {
        Instant hour = now.truncatedTo(ChronoUnit.HOURS);
        Instant day = now.truncatedTo(ChronoUnit.DAYS);
        String domain = machine.region() + ".aws.nitro-enclaves";
        String instanceId = machine.instanceId(seed);

        CertSpec.Issued root = root(tampering);
        X500Name regionalName = Names.aws(seed.hex("nitro regional", 16) + "." + domain);
        CertSpec.Issued regional = tampering
                .pass(
                        Site.NITRO_REGIONAL,
                        new CertSpec(
                                        regionalName,
                                        regionalKey.spki(),
                                        root.spec().subject,
                                        rootKey,
                                        serial("regional" + day),
                                        day.minus(Duration.ofDays(2)),
                                        day.plus(Duration.ofDays(18)).plus(Duration.ofHours(1)))
                                .ca(2)
                                .authorityKeyId(rootKey.keyId())
                                .subjectKeyId(regionalKey.keyId())
                                .usage(true, KeyUsage.digitalSignature | KeyUsage.keyCertSign | KeyUsage.cRLSign)
                                .crlAt("http://crl.nitro-enclave.insecure-test.invalid/crl/" + uuid("regional")
                                        + ".crl"))
                .issue();
        X500Name zonalName = Names.awsZonal(seed.hex("nitro zonal", 16) + ".zonal." + domain);
        CertSpec.Issued zonal = tampering
                .pass(
                        Site.NITRO_ZONAL,
                        new CertSpec(
                                        zonalName,
                                        zonalKey.spki(),
                                        regional.spec().subject,
                                        regionalKey,
                                        serial("zonal" + day),
                                        day.minus(Duration.ofDays(1)),
                                        day.plus(Duration.ofDays(4)).plus(Duration.ofHours(13)))
                                .ca(1)
                                .authorityKeyId(regionalKey.keyId())
                                .subjectKeyId(zonalKey.keyId())
                                .usage(true, KeyUsage.digitalSignature | KeyUsage.keyCertSign | KeyUsage.cRLSign)
                                .crlAt("http://crl-" + machine.region() + "-the-nitro-enclaves.in." + machine.region()
                                        + ".insecure.test/crl/" + uuid("zonal") + ".crl"))
                .issue();
        Instant started = hour.minusSeconds(35);
        CertSpec.Issued instance = tampering
                .pass(
                        Site.NITRO_INSTANCE,
                        new CertSpec(
                                        Names.awsInstance(instanceId + "." + domain),
                                        instanceKey.spki(),
                                        zonal.spec().subject,
                                        zonalKey,
                                        seed.serial("instance" + started, 20),
                                        started,
                                        started.plus(Duration.ofDays(1)))
                                .ca(0)
                                .usage(true, KeyUsage.keyCertSign)
                                .subjectKeyId(instanceKey.keyId())
                                .authorityKeyId(zonalKey.keyId()))
                .issue();
        CertSpec.Issued leaf = tampering
                .pass(
                        Site.NITRO_LEAF,
                        new CertSpec(
                                        Names.awsInstance(machine.moduleId(seed) + "." + machine.region() + ".aws"),
                                        leafKey.spki(),
                                        instance.spec().subject,
                                        instanceKey,
                                        leafSerial(machine, hour),
                                        hour,
                                        hour.plus(Duration.ofHours(3)).plusSeconds(3))
                                .notCa()
                                .usage(false, KeyUsage.digitalSignature | KeyUsage.nonRepudiation))
                .issue();
        byte[] crl = tampering
                .pass(
                        Site.NITRO_REGIONAL_CRL,
                        new CrlSpec(root.spec().subject, rootKey, rootKey.keyId(), day, day.plus(Duration.ofDays(30))))
                .issue();
        return new Chain(root, regional, zonal, instance, leaf, crl, leafKey);
    }

    private UUID uuid(String label) {
        return UUID.nameUUIDFromBytes(seed.bytes("nitro crl " + label, 16));
    }

    private BigInteger serial(String label) {
        return seed.serial(label, 16);
    }

    /** AWS composes it of the enclave's id and the time in seconds. */
    private BigInteger leafSerial(FakeNitro machine, Instant hour) {
        return new BigInteger(
                1,
                ByteBuffer.allocate(16)
                        .putLong(machine.enclaveId(seed))
                        .putInt(0)
                        .putInt((int) hour.getEpochSecond())
                        .array());
    }

    /** An undamaged document but for what the tampering does to it. */
    byte[] document(
            FakeNitro machine,
            Chain chain,
            SortedMap<Integer, byte[]> pcrs,
            Instant now,
            byte @Nullable [] userData,
            byte @Nullable [] nonce,
            byte @Nullable [] publicKey,
            Tampering tampering) {
        Document d = new Document(chain.leafKey());
        d.indefinite = machine.hasIndefiniteMap();
        d.moduleId = machine.moduleId(seed);
        d.timestamp = now.toEpochMilli();
        d.pcrs.putAll(pcrs);
        d.certificate = chain.leaf().der().clone();
        d.cabundle.add(chain.root().der().clone());
        d.cabundle.add(chain.regional().der().clone());
        d.cabundle.add(chain.zonal().der().clone());
        d.cabundle.add(chain.instance().der().clone());
        d.userData = userData;
        d.nonce = nonce;
        d.publicKey = publicKey;
        tampering.pass(Site.NITRO_DOCUMENT, d);
        return tampering.pass(Site.EVIDENCE, d.encode(tampering));
    }

    EcKey stranger() {
        return EcKey.derive(seed, EcKey.Curve.P384, "nitro stranger");
    }
}
