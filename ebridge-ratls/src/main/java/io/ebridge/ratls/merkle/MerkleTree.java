package io.ebridge.ratls.merkle;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tree of RFC 6962, section 2.1, over leaf hashes: nodes are SHA-256(0x01 | left | right), the left subtree of n leaves holds the largest power
 * of two below n. Leaf hashes are the caller's, who must prefix their input with 0x00.
 */
public final class MerkleTree {

    /** More siblings than a tree of 2^31 leaves has. */
    public static final int MAX_PATH = 31;

    private final List<byte[]> leaves;

    /**
     * @param leafHashes 32 bytes each
     */
    public MerkleTree(List<byte[]> leafHashes) {
        this.leaves = List.copyOf(leafHashes);
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }

    public static byte[] node(byte[] left, byte[] right) {
        MessageDigest digest = sha256();
        digest.update((byte) 1);
        digest.update(left);
        return digest.digest(right);
    }

    /** The root; of no leaves, the hash of nothing. */
    public byte[] root() {
        return leaves.isEmpty() ? sha256().digest() : root(0, leaves.size());
    }

    /** The siblings from a leaf upwards. */
    public List<byte[]> path(int index) {
        java.util.Objects.checkIndex(index, leaves.size());
        List<byte[]> path = new ArrayList<>();
        collect(index, 0, leaves.size(), path);
        return path;
    }

    private byte[] root(int from, int to) {
        int n = to - from;
        if (n == 1) {
            return leaves.get(from);
        }
        int k = split(n);
        return node(root(from, from + k), root(from + k, to));
    }

    private void collect(int index, int from, int to, List<byte[]> path) {
        int n = to - from;
        if (n == 1) {
            return;
        }
        int k = split(n);
        if (index < from + k) {
            collect(index, from, from + k, path);
            path.add(root(from + k, to));
        } else {
            collect(index, from + k, to, path);
            path.add(root(from, from + k));
        }
    }

    private static int split(int n) {
        return Integer.highestOneBit(n - 1);
    }

    /**
     * The root that a leaf and its path lead to (RFC 9162, section 2.1.3.2).
     *
     * @return the root, or null if the path has not exactly the length that a leaf at this index of a tree of this size has
     */
    public static byte @Nullable [] rootFrom(byte[] leafHash, long index, long size, List<byte[]> path) {
        if (index < 0 || index >= size) {
            return null;
        }
        long fn = index;
        long sn = size - 1;
        byte[] hash = leafHash;
        for (byte[] sibling : path) {
            if (sn == 0) {
                return null;
            }
            if ((fn & 1) == 1 || fn == sn) {
                hash = node(sibling, hash);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                hash = node(hash, sibling);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 ? hash : null;
    }
}
