package io.ebridge.ratls.configuration;

import io.ebridge.attest.Bytes;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.merkle.MerkleTree;
import io.ebridge.ratls.strict.WireReader;
import io.ebridge.ratls.strict.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Shows that one leaf is in a tree, by the siblings on its way to the root (RFC 6962, section 2.1.1).
 *
 * <p>The encoding is {@code "EBCP" | u8 1 | u8 length of name | name | u64 length | SHA-256 | u32 index | u32 size | u8 siblings | siblings * 32},
 * big-endian.
 *
 * @param leaf what is shown
 * @param index its place, from 0
 * @param size leaves of the tree
 * @param path siblings, the lowest first
 */
public record InclusionProof(ConfigurationLeaf leaf, int index, int size, List<Bytes> path) {

    private static final int MAGIC = 0x45424350;

    /**
     * Checks the parts.
     *
     * @param leaf what is shown
     * @param index its place, from 0
     * @param size leaves of the tree
     * @param path siblings, the lowest first
     */
    public InclusionProof {
        Objects.requireNonNull(leaf, "leaf");
        path = List.copyOf(path);
        if (size < 1 || size > ConfigurationTree.MAX_LEAVES || index < 0 || index >= size) {
            throw new IllegalArgumentException("leaf " + index + " of " + size);
        }
        if (path.size() > MerkleTree.MAX_PATH || path.stream().anyMatch(b -> b.length() != 32)) {
            throw new IllegalArgumentException("siblings");
        }
    }

    /**
     * Demands that it leads to a root.
     *
     * @param root the attested root
     * @return the leaf, now known to be in that tree
     * @throws AttestedTlsException ({@link Reason#CONFIGURATION_MISMATCH}) if it leads elsewhere
     */
    public ConfigurationLeaf verify(Bytes root) throws AttestedTlsException {
        byte[] led = MerkleTree.rootFrom(
                leaf.hashBytes(),
                index,
                size,
                path.stream().map(Bytes::toByteArray).toList());
        if (led == null || !root.contentEquals(led)) {
            throw new AttestedTlsException(Reason.CONFIGURATION_MISMATCH, "the proof does not lead to the root");
        }
        return leaf;
    }

    /**
     * Writes it.
     *
     * @return the encoding
     */
    public byte[] encode() {
        byte[] name = leaf.name().getBytes(StandardCharsets.US_ASCII);
        WireWriter out = new WireWriter()
                .u32(MAGIC)
                .u8(1)
                .u8(name.length)
                .bytes(name)
                .u64(leaf.length())
                .bytes(leaf.sha256().toByteArray())
                .u32(index)
                .u32(size)
                .u8(path.size());
        path.forEach(sibling -> out.bytes(sibling.toByteArray()));
        return out.toByteArray();
    }

    /**
     * Reads it.
     *
     * @param encoded from anybody
     * @return the proof, not yet verified
     * @throws AttestedTlsException ({@link Reason#MALFORMED}) if it does not parse
     */
    public static InclusionProof decode(byte[] encoded) throws AttestedTlsException {
        WireReader in = new WireReader(encoded);
        if (in.u32() != MAGIC || in.u8() != 1) {
            throw in.malformed("no inclusion proof of version 1");
        }
        try {
            String name = new String(in.bytes(in.u8()), StandardCharsets.ISO_8859_1);
            ConfigurationLeaf leaf = new ConfigurationLeaf(name, in.u64(), Bytes.of(in.bytes(32)));
            int index = (int) in.u32();
            int size = (int) in.u32();
            int siblings = in.u8();
            List<Bytes> path = new ArrayList<>();
            for (int i = 0; i < siblings; i++) {
                path.add(Bytes.of(in.bytes(32)));
            }
            in.end();
            return new InclusionProof(leaf, index, size, path);
        } catch (IllegalArgumentException e) {
            throw new AttestedTlsException(Reason.MALFORMED, "inclusion proof: " + e.getMessage(), e);
        }
    }
}
