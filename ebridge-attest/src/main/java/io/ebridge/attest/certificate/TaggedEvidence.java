package io.ebridge.attest.certificate;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.cbor.CborException;
import io.ebridge.attest.cbor.CborReader;
import io.ebridge.attest.cbor.CborWriter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The content of {@link EvidenceOids#TAGGED_EVIDENCE}: CBOR tag 60000 over an array of a quote and a buffer of claims, the latter
 * a map from text to byte strings in CBOR (CCC interoperable RA-TLS). The quote's report data begins with SHA-256 of the buffer.
 *
 * @param quote an Intel quote
 * @param claimsBuffer the claims as received
 * @param claims the claims by name
 */
public record TaggedEvidence(Bytes quote, Bytes claimsBuffer, Map<String, Bytes> claims) {

    /** The tag of an Intel ECDSA quote with claims. */
    public static final int TAG = 60_000;

    /** The claim that binds the certificate's key: CBOR array of algorithm and hash. */
    public static final String PUBKEY_HASH = "pubkey-hash";

    /** The claim that carries the verifier's nonce. */
    public static final String NONCE = "nonce";

    private static final int MAX_QUOTE_BYTES = 64 * 1024;
    private static final int MAX_CLAIMS_BYTES = 16 * 1024;
    private static final int MAX_CLAIMS = 64;
    private static final int MAX_NAME_BYTES = 128;

    /** Copies the map. */
    public TaggedEvidence {
        claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }

    /** Reads the content of the extension. */
    public static TaggedEvidence parse(byte[] content) throws CborException {
        CborReader reader = CborReader.of(content);
        long tag = reader.readTag();
        int parts = reader.openArray(2);
        if (tag != TAG || parts != 2) {
            throw reader.invalid("tag " + tag + " over " + parts + " items instead of " + TAG + " over 2");
        }
        byte[] quote = reader.readBytes(MAX_QUOTE_BYTES);
        byte[] buffer = reader.readBytes(MAX_CLAIMS_BYTES);
        reader.end();
        return new TaggedEvidence(Bytes.of(quote), Bytes.of(buffer), parseClaims(buffer));
    }

    private static Map<String, Bytes> parseClaims(byte[] buffer) throws CborException {
        CborReader reader = CborReader.of(buffer);
        int count = reader.openMap(MAX_CLAIMS);
        Map<String, Bytes> claims = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String name = reader.readText(MAX_NAME_BYTES);
            if (claims.put(name, Bytes.of(reader.readBytes(MAX_CLAIMS_BYTES))) != null) {
                throw reader.duplicateKey(name);
            }
        }
        reader.end();
        return claims;
    }

    /** A hash as the {@link #PUBKEY_HASH} claim carries it. */
    public static byte[] encodeSha256(byte[] sha256) {
        return new CborWriter()
                .array(2)
                .integer(HashAlgorithm.SHA_256.id())
                .bytes(sha256)
                .toByteArray();
    }

    /** Writes a buffer of claims, whose SHA-256 then goes into the report data. */
    public static byte[] encodeClaims(Map<String, byte[]> claims) {
        CborWriter writer = new CborWriter().map(claims.size());
        claims.forEach((name, value) -> writer.text(name).bytes(value));
        return writer.toByteArray();
    }

    /** Writes the content of the extension. */
    public static byte[] encode(byte[] quote, byte[] claimsBuffer) {
        return new CborWriter()
                .tag(TAG)
                .array(2)
                .bytes(quote)
                .bytes(claimsBuffer)
                .toByteArray();
    }
}
