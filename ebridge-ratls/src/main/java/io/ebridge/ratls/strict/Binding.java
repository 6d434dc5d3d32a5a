package io.ebridge.ratls.strict;

import io.ebridge.attest.Bytes;
import io.ebridge.ratls.merkle.MerkleTree;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** PROTOCOL.md, section 5: what ties evidence to one TLS session. Every field has its length in front. */
public final class Binding {

    public static final String EXPORTER_LABEL = "EXPORTER-ebridge-ra";
    public static final int EXPORTER_BYTES = 32;
    private static final byte[] LABEL = "ebridge-ra/1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BATCH_LABEL = "ebridge-ra/1 batch".getBytes(StandardCharsets.US_ASCII);

    private Binding() {}

    /**
     * One session as one side sees it: the SHA-256 of its own key (SubjectPublicKeyInfo), of the peer's or zeros if it showed none, and the exporter
     * value.
     */
    public record Channel(Bytes ownKey, Bytes peerKey, Bytes exporter) {
        public Channel {
            if (ownKey.length() != 32 || peerKey.length() != 32 || exporter.length() != EXPORTER_BYTES) {
                throw new IllegalArgumentException("hashes and exporter have 32 bytes");
            }
        }

        public Channel flipped() {
            return new Channel(peerKey, ownKey, exporter);
        }

        @Override
        public String toString() {
            return "Channel[own " + ownKey + ", peer " + peerKey + ", exporter redacted]";
        }
    }

    /**
     * The binding of an answer.
     *
     * @param attester the role of the side that shows evidence
     * @param channel as that side sees it
     * @param challenge the payload of the challenge
     */
    public static byte[] of(
            Role attester, Channel channel, Bytes nonce, Bytes configurationRoot, String service, byte[] challenge) {
        MessageDigest digest = sha512();
        field(digest, LABEL);
        field(digest, new byte[] {(byte) attester.code()});
        field(digest, channel.ownKey.toByteArray());
        field(digest, channel.peerKey.toByteArray());
        field(digest, channel.exporter.toByteArray());
        field(digest, nonce.toByteArray());
        field(digest, configurationRoot.toByteArray());
        field(digest, service.getBytes(StandardCharsets.UTF_8));
        field(digest, MerkleTree.sha256().digest(challenge));
        return digest.digest();
    }

    /** The leaf of a binding: SHA-256(0x00 | binding). */
    public static byte[] leaf(byte[] binding) {
        MessageDigest digest = MerkleTree.sha256();
        digest.update((byte) 0);
        return digest.digest(binding);
    }

    /** The report data of a quote over the root of so many bindings. */
    public static byte[] reportData(int batch, byte[] root) {
        MessageDigest digest = sha512();
        field(digest, BATCH_LABEL);
        field(digest, new WireWriter().u32(batch).toByteArray());
        field(digest, root);
        return digest.digest();
    }

    private static void field(MessageDigest digest, byte[] value) {
        digest.update((byte) (value.length >>> 8));
        digest.update((byte) value.length);
        digest.update(value);
    }

    private static MessageDigest sha512() {
        try {
            return MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-512", e);
        }
    }
}
