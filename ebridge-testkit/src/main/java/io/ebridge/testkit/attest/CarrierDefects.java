package io.ebridge.testkit.attest;

import io.ebridge.attest.certificate.EvidenceOids;
import io.ebridge.attest.certificate.TaggedEvidence;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Defects of certificates that carry evidence. */
final class CarrierDefects {
    private static final Set<String> OIDS =
            Set.of(EvidenceOids.TAGGED_EVIDENCE, EvidenceOids.INTEL_2018_QUOTE, EvidenceOids.GRAMINE_LEGACY_QUOTE);
    /** Not among the hashes that claims may name: SHA-256 cut to 128 bits. */
    private static final int UNKNOWN_HASH = 2;

    private CarrierDefects() {}

    static void addTo(Map<Defect, Function<Defects.Scene, Tampering>> m) {
        m.put(
                Defect.CARRIER_WITHOUT_EVIDENCE,
                Defects.change(
                        Site.CARRIER,
                        c -> c.extensions.removeIf(e -> OIDS.contains(e.oid().getId()))));
        m.put(Defect.CARRIER_EXPIRED, Defects.expired(Site.CARRIER));
        m.put(Defect.CARRIER_NOT_YET_VALID, Defects.notYetValid(Site.CARRIER));
        put(m, Defect.CARRIER_CONTENT_TRUNCATED, Site.CARRIER_CONTENT, b -> Arrays.copyOf(b, b.length - 1));
        put(m, Defect.CARRIER_TRAILING_BYTE, Site.CARRIER_CONTENT, b -> Arrays.copyOf(b, b.length + 1));
        put(m, Defect.CARRIER_NO_QUOTE, Site.CARRIER_CONTENT, b -> new byte[b.length]);
        put(m, Defect.CARRIER_WRONG_TAG, Site.CARRIER_CONTENT, b -> {
            // The tag's number follows its head octet.
            b[2] ^= 1;
            return b;
        });
        put(m, Defect.CARRIER_DUPLICATE_CLAIM, Site.CARRIER_BUFFER, CarrierDefects::twice);
        put(m, Defect.CARRIER_UNKNOWN_HASH, Site.CARRIER_CLAIMS, claim(TaggedEvidence.PUBKEY_HASH, old -> new Cbor()
                .array(2)
                .integer(UNKNOWN_HASH)
                .bytes(Arrays.copyOfRange(old, old.length - 32, old.length))
                .toBytes()));
        put(m, Defect.CARRIER_WITHOUT_KEY_CLAIM, Site.CARRIER_CLAIMS, without(TaggedEvidence.PUBKEY_HASH));
        put(
                m,
                Defect.CARRIER_CLAIMS_ANOTHER_KEY,
                Site.CARRIER_CLAIMS,
                claim(TaggedEvidence.PUBKEY_HASH, CarrierDefects::lastBit));
        put(m, Defect.CARRIER_BINDS_ANOTHER_KEY, Site.CARRIER_BINDING, b -> {
            b[0] ^= 1;
            return b;
        });
        put(m, Defect.CARRIER_WITHOUT_NONCE, Site.CARRIER_CLAIMS, without(TaggedEvidence.NONCE));
        put(m, Defect.CARRIER_OTHER_NONCE, Site.CARRIER_CLAIMS, claim(TaggedEvidence.NONCE, CarrierDefects::lastBit));
    }

    private static <T> void put(
            Map<Defect, Function<Defects.Scene, Tampering>> m, Defect defect, Site<T> site, UnaryOperator<T> change) {
        m.put(defect, s -> Tampering.at(site, change));
    }

    private static UnaryOperator<Map<String, byte[]>> without(String name) {
        return claims -> {
            claims.remove(name);
            return claims;
        };
    }

    /** Changes a claim where there is one. */
    private static UnaryOperator<Map<String, byte[]>> claim(String name, UnaryOperator<byte[]> change) {
        return claims -> {
            claims.computeIfPresent(name, (n, old) -> change.apply(old));
            return claims;
        };
    }

    private static byte[] lastBit(byte[] old) {
        byte[] changed = old.clone();
        changed[changed.length - 1] ^= 1;
        return changed;
    }

    /** Every pair of a map of fewer than twelve a second time. */
    private static byte[] twice(byte[] map) {
        byte[] pairs = Arrays.copyOfRange(map, 1, map.length);
        return new Cbor().map(2 * (map[0] & 0x1f)).raw(pairs).raw(pairs).toBytes();
    }
}
