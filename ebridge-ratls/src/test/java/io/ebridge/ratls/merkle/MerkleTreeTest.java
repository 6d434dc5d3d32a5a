package io.ebridge.ratls.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tree against the definition of RFC 6962, section 2.1, word for word. */
class MerkleTreeTest {

    private static byte[] hash(List<byte[]> leaves) {
        MessageDigest digest = MerkleTree.sha256();
        if (leaves.isEmpty()) {
            return digest.digest();
        }
        if (leaves.size() == 1) {
            return leaves.get(0);
        }
        int k = Integer.highestOneBit(leaves.size() - 1);
        digest.update((byte) 1);
        digest.update(hash(leaves.subList(0, k)));
        return digest.digest(hash(leaves.subList(k, leaves.size())));
    }

    private static List<byte[]> path(int index, List<byte[]> leaves) {
        if (leaves.size() == 1) {
            return new ArrayList<>();
        }
        int k = Integer.highestOneBit(leaves.size() - 1);
        List<byte[]> left = leaves.subList(0, k);
        List<byte[]> right = leaves.subList(k, leaves.size());
        List<byte[]> path = index < k ? path(index, left) : path(index - k, right);
        path.add(hash(index < k ? right : left));
        return path;
    }

    @Test
    void rootsAndPathsAreThoseOfTheDefinition() {
        List<byte[]> leaves = new ArrayList<>();
        for (int n = 0; n <= 130; n++) {
            MerkleTree tree = new MerkleTree(leaves);
            byte[] root = hash(leaves);
            assertThat(tree.root()).isEqualTo(root);
            for (int i = 0; i < n; i++) {
                List<byte[]> path = tree.path(i);
                assertThat(path.toArray(byte[][]::new))
                        .isDeepEqualTo(path(i, leaves).toArray(byte[][]::new));
                assertThat(MerkleTree.rootFrom(leaves.get(i), i, n, path)).isEqualTo(root);
            }
            int none = n;
            assertThatThrownBy(() -> tree.path(none)).isInstanceOf(IndexOutOfBoundsException.class);
            leaves.add(MerkleTree.sha256().digest(new byte[] {(byte) n}));
        }
    }
}
