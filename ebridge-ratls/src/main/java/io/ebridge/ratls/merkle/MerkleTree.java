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

    /** The leaves, and above them the nodes of each height; the last one of a level that has no neighbour is its own parent. */
    private final List<List<byte[]>> levels = new ArrayList<>();

    /**
     * @param leafHashes 32 bytes each
     */
    public MerkleTree(List<byte[]> leafHashes) {
        List<byte[]> level = List.copyOf(leafHashes);
        levels.add(level);
        MessageDigest digest = sha256();
        while (level.size() > 1) {
            List<byte[]> above = new ArrayList<>(level.size() / 2 + 1);
            for (int i = 0; i + 1 < level.size(); i += 2) {
                above.add(node(digest, level.get(i), level.get(i + 1)));
            }
            if (level.size() % 2 == 1) {
                above.add(level.get(level.size() - 1));
            }
            levels.add(above);
            level = above;
        }
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }

    private static byte[] node(MessageDigest digest, byte[] left, byte[] right) {
        digest.update((byte) 1);
        digest.update(left);
        return digest.digest(right);
    }

    /** The root; of no leaves, the hash of nothing. */
    public byte[] root() {
        return levels.get(0).isEmpty()
                ? sha256().digest()
                : levels.get(levels.size() - 1).get(0);
    }

    /** The siblings from a leaf upwards. */
    public List<byte[]> path(int index) {
        java.util.Objects.checkIndex(index, levels.get(0).size());
        List<byte[]> path = new ArrayList<>();
        int at = index;
        for (List<byte[]> level : levels) {
            int sibling = at ^ 1;
            if (sibling < level.size()) {
                path.add(level.get(sibling));
            }
            at >>= 1;
        }
        return path;
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
        MessageDigest digest = sha256();
        for (byte[] sibling : path) {
            if (sn == 0) {
                return null;
            }
            if ((fn & 1) == 1 || fn == sn) {
                hash = node(digest, sibling, hash);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                hash = node(digest, hash, sibling);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 ? hash : null;
    }
}
