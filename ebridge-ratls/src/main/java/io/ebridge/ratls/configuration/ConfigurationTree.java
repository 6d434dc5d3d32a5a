package io.ebridge.ratls.configuration;

import io.ebridge.attest.Bytes;
import io.ebridge.ratls.merkle.MerkleTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The Merkle tree over a service's configuration, in the manner of RFC 6962.
 *
 * <p>Guarantees: two trees have the same root only if they have the same names with the same values; names, lengths and values are bound, leaves and
 * nodes hashed in separate domains, leaves sorted by name. Not guaranteed: secrecy of values that can be guessed, since the manifest shows their
 * hashes. Values themselves are not kept.
 *
 * <p>Immutable. Limits: {@value #MAX_LEAVES} leaves.
 */
public final class ConfigurationTree {

    /** Most leaves of a tree. */
    public static final int MAX_LEAVES = 4096;

    private static final ConfigurationTree EMPTY = new ConfigurationTree(new TreeMap<>());

    private final List<ConfigurationLeaf> leaves;
    private final MerkleTree tree;
    private final Bytes root;

    private ConfigurationTree(TreeMap<String, ConfigurationLeaf> sorted) {
        this.leaves = List.copyOf(sorted.values());
        this.tree =
                new MerkleTree(leaves.stream().map(ConfigurationLeaf::hashBytes).toList());
        this.root = Bytes.of(tree.root());
    }

    /**
     * The tree without leaves, whose root is the hash of nothing.
     *
     * @return the empty tree
     */
    public static ConfigurationTree empty() {
        return EMPTY;
    }

    /**
     * Starts a tree.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder(new TreeMap<>());
    }

    /**
     * Starts a tree that differs from this one.
     *
     * @return a builder with this tree's leaves
     */
    public Builder toBuilder() {
        TreeMap<String, ConfigurationLeaf> copy = new TreeMap<>();
        leaves.forEach(leaf -> copy.put(leaf.name(), leaf));
        return new Builder(copy);
    }

    /**
     * The root.
     *
     * @return 32 bytes
     */
    public Bytes root() {
        return root;
    }

    /**
     * The leaves, sorted by name.
     *
     * @return an unmodifiable list
     */
    public List<ConfigurationLeaf> leaves() {
        return leaves;
    }

    /**
     * The manifest, from which a client recomputes the root.
     *
     * @return the manifest
     */
    public ConfigurationManifest manifest() {
        return new ConfigurationManifest(leaves);
    }

    /**
     * Proves that a leaf is in the tree, without showing the others.
     *
     * @param name the leaf's name
     * @return the proof
     * @throws IllegalArgumentException if there is no such leaf
     */
    public InclusionProof prove(String name) {
        for (int i = 0; i < leaves.size(); i++) {
            if (leaves.get(i).name().equals(name)) {
                return new InclusionProof(
                        leaves.get(i),
                        i,
                        leaves.size(),
                        tree.path(i).stream().map(Bytes::of).toList());
            }
        }
        throw new IllegalArgumentException("no leaf " + name);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConfigurationTree that && leaves.equals(that.leaves);
    }

    @Override
    public int hashCode() {
        return root.hashCode();
    }

    @Override
    public String toString() {
        return "ConfigurationTree[" + leaves.size() + " leaves, root " + root + "]";
    }

    /** Collects leaves. */
    public static final class Builder {

        private final TreeMap<String, ConfigurationLeaf> leaves;

        private Builder(TreeMap<String, ConfigurationLeaf> leaves) {
            this.leaves = leaves;
        }

        /**
         * Sets a value, in place of an older one of that name.
         *
         * @param name 1 to 255 characters of {@code a-z A-Z 0-9 . _ - / :}
         * @param value the value; only its length and hash are kept
         * @return this builder
         */
        public Builder put(String name, byte[] value) {
            return put(ConfigurationLeaf.of(name, value));
        }

        /**
         * Sets a leaf whose value was hashed elsewhere.
         *
         * @param leaf the leaf
         * @return this builder
         */
        public Builder put(ConfigurationLeaf leaf) {
            Objects.requireNonNull(leaf, "leaf");
            if (leaves.size() >= MAX_LEAVES && !leaves.containsKey(leaf.name())) {
                throw new IllegalArgumentException("more than " + MAX_LEAVES + " leaves");
            }
            leaves.put(leaf.name(), leaf);
            return this;
        }

        /**
         * Takes a value away.
         *
         * @param name its name
         * @return this builder
         */
        public Builder remove(String name) {
            leaves.remove(name);
            return this;
        }

        /**
         * Builds the tree.
         *
         * @return the tree
         */
        public ConfigurationTree build() {
            return leaves.isEmpty() ? EMPTY : new ConfigurationTree(new TreeMap<>(leaves));
        }
    }

    static ConfigurationTree of(List<ConfigurationLeaf> sorted) {
        TreeMap<String, ConfigurationLeaf> map = new TreeMap<>();
        new ArrayList<>(sorted).forEach(leaf -> map.put(leaf.name(), leaf));
        return new ConfigurationTree(map);
    }
}
