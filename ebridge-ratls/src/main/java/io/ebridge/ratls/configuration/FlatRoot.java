package io.ebridge.ratls.configuration;

import io.ebridge.attest.Bytes;
import io.ebridge.ratls.merkle.MerkleTree;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * The flat root of Enclave OS certificates (profile v1): SHA-256 over the values' hashes, one after the other, with 32 zero bytes for an absent value.
 *
 * <p>It commits to values and their order, not to names or their number; {@link ConfigurationTree} is the better one, this is for interoperability.
 */
public final class FlatRoot {

    private FlatRoot() {}

    /**
     * Computes it.
     *
     * @param values in the order of registration; empty for one that is absent
     * @return 32 bytes
     */
    public static Bytes of(List<Optional<byte[]>> values) {
        MessageDigest root = MerkleTree.sha256();
        byte[] absent = new byte[32];
        for (Optional<byte[]> value : values) {
            root.update(value.map(v -> MerkleTree.sha256().digest(v)).orElse(absent));
        }
        return Bytes.of(root.digest());
    }
}
