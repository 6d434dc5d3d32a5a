package io.ebridge.testkit.attest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * One of the embedded RSA-4096 test keys (their private halves are published with this library, hence worthless) with RSASSA-PSS, SHA-384 and a
 * salt of 48 octets that the caller gives (RFC 8017, 8.1.1 and 9.1.1).
 */
final class RsaKey {
    private static final int MODULUS_OCTETS = 512;
    private static final int HASH = 48;

    /** Parsed once for the process: ten keys, whatever the number of fakes. */
    private static final class Holder {
        private static final Map<String, byte[]> DER = read();
        private static final Map<String, RsaKey> KEYS = new ConcurrentHashMap<>();
    }

    private final RSAPrivateKey key;

    private RsaKey(RSAPrivateKey key) {
        this.key = key;
    }

    /** The key of that name, for example {@code ark-milan}. */
    static RsaKey named(String name) {
        return Holder.KEYS.computeIfAbsent(name, n -> {
            byte[] der = Holder.DER.get(n);
            if (der == null) {
                throw new IllegalArgumentException("no test key " + n);
            }
            return new RsaKey(RSAPrivateKey.getInstance(der));
        });
    }

    private static Map<String, byte[]> read() {
        Map<String, byte[]> keys = new HashMap<>();
        try (InputStream in = RsaKey.class.getResourceAsStream("insecure-test-rsa-4096-keys.pem")) {
            if (in == null) {
                throw new IllegalStateException("the testkit's jar lacks its test keys");
            }
            BufferedReader r = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
            String name = "";
            StringBuilder body = new StringBuilder();
            boolean inside = false;
            for (String line = r.readLine(); line != null; line = r.readLine()) {
                if (line.startsWith("INSECURE TEST KEY ")) {
                    name = line.substring("INSECURE TEST KEY ".length()).trim();
                } else if (line.startsWith("-----BEGIN")) {
                    inside = true;
                    body.setLength(0);
                } else if (line.startsWith("-----END")) {
                    inside = false;
                    keys.put(name, Base64.getDecoder().decode(body.toString()));
                } else if (inside) {
                    body.append(line.trim());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.copyOf(keys);
    }

    SubjectPublicKeyInfo spki() {
        try {
            return new SubjectPublicKeyInfo(
                    new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                    new RSAPublicKey(key.getModulus(), key.getPublicExponent()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] keyId() {
        return Digests.sha1(spki().getPublicKeyData().getOctets());
    }

    /** A signer whose salts come from the seed; {@code explicitTrailer} writes the default trailer field out, as AMD's older certificates do. */
    Signer signer(Seed seed, boolean explicitTrailer) {
        return new Signer() {
            @Override
            public AlgorithmIdentifier algorithm() {
                return pss(explicitTrailer);
            }

            @Override
            public byte[] sign(byte[] data) {
                byte[] hash = Digests.sha384(data);
                return signPss(
                        hash, seed.bytes("salt " + java.util.HexFormat.of().formatHex(hash), HASH));
            }
        };
    }

    static AlgorithmIdentifier pss(boolean explicitTrailer) {
        AlgorithmIdentifier sha384 = new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha384, DERNull.INSTANCE);
        ASN1EncodableVector v = new ASN1EncodableVector();
        v.add(new DERTaggedObject(true, 0, sha384));
        v.add(new DERTaggedObject(true, 1, new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, sha384)));
        v.add(new DERTaggedObject(true, 2, new ASN1Integer(HASH)));
        if (explicitTrailer) {
            v.add(new DERTaggedObject(true, 3, new ASN1Integer(1)));
        }
        return new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS, new DERSequence(v));
    }

    private byte[] signPss(byte[] messageHash, byte[] salt) {
        byte[] h = Digests.sha384(new byte[8], messageHash, salt);
        byte[] db = new byte[MODULUS_OCTETS - HASH - 1];
        db[db.length - HASH - 1] = 1;
        System.arraycopy(salt, 0, db, db.length - HASH, HASH);
        byte[] mask = mgf1(h, db.length);
        for (int i = 0; i < db.length; i++) {
            db[i] ^= mask[i];
        }
        db[0] &= 0x7f;
        byte[] em = new byte[MODULUS_OCTETS];
        System.arraycopy(db, 0, em, 0, db.length);
        System.arraycopy(h, 0, em, db.length, HASH);
        em[em.length - 1] = (byte) 0xbc;
        return fixed(privateOperation(new BigInteger(1, em)));
    }

    private static byte[] mgf1(byte[] seed, int length) {
        byte[] out = new byte[length];
        for (int done = 0, c = 0; done < length; c++) {
            byte[] block = Digests.sha384(seed, new byte[] {0, 0, (byte) (c >>> 8), (byte) c});
            int n = Math.min(block.length, length - done);
            System.arraycopy(block, 0, out, done, n);
            done += n;
        }
        return out;
    }

    private BigInteger privateOperation(BigInteger m) {
        BigInteger m1 = m.modPow(key.getExponent1(), key.getPrime1());
        BigInteger m2 = m.modPow(key.getExponent2(), key.getPrime2());
        BigInteger h = key.getCoefficient().multiply(m1.subtract(m2)).mod(key.getPrime1());
        return m2.add(h.multiply(key.getPrime2()));
    }

    private static byte[] fixed(BigInteger v) {
        byte[] b = v.toByteArray();
        byte[] out = new byte[MODULUS_OCTETS];
        int skip = b.length > MODULUS_OCTETS ? 1 : 0;
        System.arraycopy(b, skip, out, MODULUS_OCTETS - (b.length - skip), b.length - skip);
        return out;
    }
}
