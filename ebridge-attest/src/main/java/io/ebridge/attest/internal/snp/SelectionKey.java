package io.ebridge.attest.internal.snp;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.snp.SnpReport;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;

/** The hash of everything that the choice of an endorsement depends on. */
final class SelectionKey {

    private SelectionKey() {}

    static Bytes of(SnpReport report, Map<Kind, List<Bytes>> pieces) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((byte) report.signingKey().ordinal());
            digest.update(report.chipId().toByteArray());
            digest.update(report.reportedTcb().toByteArray());
            pieces.forEach((kind, list) -> {
                for (Bytes piece : list) {
                    digest.update(ByteBuffer.allocate(8)
                            .putInt(kind.ordinal())
                            .putInt(piece.length())
                            .flip());
                    digest.update(piece.toByteArray());
                }
            });
            return Bytes.of(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
