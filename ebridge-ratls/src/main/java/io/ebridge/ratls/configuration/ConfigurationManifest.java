package io.ebridge.ratls.configuration;

import io.ebridge.attest.Bytes;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.strict.WireReader;
import io.ebridge.ratls.strict.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The names, lengths and hashes of a whole configuration, from which anybody recomputes the root.
 *
 * <p>A service hands it out by whatever way suits it; it needs no protection of its own, since it counts only if its root is the attested one. The
 * encoding is {@code "EBCM" | u8 1 | u16 count | count * (u8 length of name | name | u64 length | SHA-256)}, big-endian, sorted by name without
 * duplicates; anything else is refused.
 *
 * @param leaves sorted by name, each once, at most {@link ConfigurationTree#MAX_LEAVES}
 */
public record ConfigurationManifest(List<ConfigurationLeaf> leaves) {

    private static final int MAGIC = 0x4542434D;
    private static final int LEAST_ENTRY = 1 + 1 + 8 + 32;

    /**
     * Checks the order.
     *
     * @param leaves sorted by name, each once, at most {@link ConfigurationTree#MAX_LEAVES}
     */
    public ConfigurationManifest {
        leaves = List.copyOf(leaves);
        if (leaves.size() > ConfigurationTree.MAX_LEAVES) {
            throw new IllegalArgumentException("more than " + ConfigurationTree.MAX_LEAVES + " leaves");
        }
        for (int i = 1; i < leaves.size(); i++) {
            if (leaves.get(i - 1).name().compareTo(leaves.get(i).name()) >= 0) {
                throw new IllegalArgumentException("leaves out of order or twice");
            }
        }
    }

    /**
     * The root it leads to.
     *
     * @return 32 bytes
     */
    public Bytes root() {
        return ConfigurationTree.of(leaves).root();
    }

    /**
     * Demands that it leads to an attested root.
     *
     * @param attested the root from a verified peer
     * @return this manifest
     * @throws AttestedTlsException ({@link Reason#CONFIGURATION_MISMATCH}) if it leads elsewhere
     */
    public ConfigurationManifest requireRoot(Bytes attested) throws AttestedTlsException {
        if (!root().equals(attested)) {
            throw new AttestedTlsException(
                    Reason.CONFIGURATION_MISMATCH, "the manifest does not lead to the attested root");
        }
        return this;
    }

    /**
     * Demands that a name has exactly this value.
     *
     * @param name the name
     * @param value the value
     * @return this manifest
     * @throws AttestedTlsException ({@link Reason#CONFIGURATION_MISMATCH}) if it is absent or another
     */
    public ConfigurationManifest requireValue(String name, byte[] value) throws AttestedTlsException {
        if (!leaves.contains(ConfigurationLeaf.of(name, value))) {
            throw new AttestedTlsException(
                    Reason.CONFIGURATION_MISMATCH, "the manifest has no leaf " + name + " of that value");
        }
        return this;
    }

    /**
     * Writes it.
     *
     * @return the encoding
     */
    public byte[] encode() {
        WireWriter out = new WireWriter().u32(MAGIC).u8(1).u16(leaves.size());
        for (ConfigurationLeaf leaf : leaves) {
            byte[] name = leaf.name().getBytes(StandardCharsets.US_ASCII);
            out.u8(name.length)
                    .bytes(name)
                    .u64(leaf.length())
                    .bytes(leaf.sha256().toByteArray());
        }
        return out.toByteArray();
    }

    /**
     * Reads it.
     *
     * @param encoded from anybody
     * @return the manifest
     * @throws AttestedTlsException ({@link Reason#MALFORMED}) if it is not exactly as {@link #encode()} writes it
     */
    public static ConfigurationManifest decode(byte[] encoded) throws AttestedTlsException {
        WireReader in = new WireReader(encoded);
        if (in.u32() != MAGIC || in.u8() != 1) {
            throw in.malformed("no manifest of version 1");
        }
        int count = in.u16();
        if (count > ConfigurationTree.MAX_LEAVES || (long) count * LEAST_ENTRY > in.remaining()) {
            throw in.malformed(count + " leaves in " + in.remaining() + " bytes");
        }
        ConfigurationLeaf[] leaves = new ConfigurationLeaf[count];
        try {
            for (int i = 0; i < count; i++) {
                String name = new String(in.bytes(in.u8()), StandardCharsets.ISO_8859_1);
                leaves[i] = new ConfigurationLeaf(name, in.u64(), Bytes.of(in.bytes(32)));
            }
            in.end();
            return new ConfigurationManifest(List.of(leaves));
        } catch (IllegalArgumentException e) {
            throw new AttestedTlsException(Reason.MALFORMED, "manifest: " + e.getMessage(), e);
        }
    }
}
