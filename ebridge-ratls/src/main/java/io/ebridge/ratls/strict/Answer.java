package io.ebridge.ratls.strict;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.merkle.MerkleTree;
import java.util.ArrayList;
import java.util.List;

/** PROTOCOL.md, section 4: evidence, and the way from this connection's binding to the root that the evidence carries. */
public record Answer(Role from, boolean mutual, Bytes configurationRoot, String service, Quote quote) {

    public static final int MAX_EVIDENCE_BYTES = 64 * 1024;
    public static final int MAX_COLLATERAL_BYTES = 256 * 1024;
    public static final int MAX_COLLATERAL_PIECES = 64;
    public static final int MAX_BATCH = 65_536;
    public static final int MAX_PATH = 16;

    public Answer {
        if (configurationRoot.length() != 32) {
            throw new IllegalArgumentException("a root has 32 bytes");
        }
        Challenge.requireService(service);
    }

    /** One quote, and the place of one binding under it. */
    public record Quote(Evidence evidence, int batch, int index, List<Bytes> path) {
        public Quote {
            path = List.copyOf(path);
        }

        /**
         * The report data that the evidence must carry if the binding is where the path says.
         *
         * @throws AttestedTlsException if the path has not the length that belongs to its place
         */
        public byte[] reportData(byte[] binding) throws AttestedTlsException {
            byte[] root = MerkleTree.rootFrom(
                    Binding.leaf(binding),
                    index,
                    batch,
                    path.stream().map(Bytes::toByteArray).toList());
            if (root == null) {
                throw new AttestedTlsException(Reason.MALFORMED, "a path that fits no leaf " + index + " of " + batch);
            }
            return Binding.reportData(batch, root);
        }
    }

    public byte[] encode(boolean withCollateral) throws AttestedTlsException {
        byte[] name = service.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] evidence = quote.evidence.bytes().toByteArray();
        if (evidence.length > MAX_EVIDENCE_BYTES) {
            throw new AttestedTlsException(Reason.TOO_LARGE, "evidence of " + evidence.length + " bytes");
        }
        WireWriter out = new WireWriter(evidence.length + 1024)
                .u8(Challenge.VERSION)
                .u8(from.code())
                .u8(mutual ? 1 : 0)
                .bytes(configurationRoot.toByteArray())
                .u8(name.length)
                .bytes(name)
                .u32(quote.batch)
                .u32(quote.index)
                .u8(quote.path.size());
        quote.path.forEach(sibling -> out.bytes(sibling.toByteArray()));
        out.u8(Formats.code(quote.evidence.format())).u24(evidence.length).bytes(evidence);
        Collateral collateral = withCollateral ? quote.evidence.collateral() : Collateral.none();
        int total = 0;
        int pieces = 0;
        for (Collateral.Kind kind : collateral.kinds()) {
            for (Bytes piece : collateral.pieces(kind)) {
                total += piece.length();
                pieces++;
            }
        }
        if (total > MAX_COLLATERAL_BYTES || pieces > MAX_COLLATERAL_PIECES) {
            throw new AttestedTlsException(
                    Reason.TOO_LARGE, pieces + " pieces of collateral with " + total + " bytes together");
        }
        out.u8(pieces);
        for (Collateral.Kind kind : collateral.kinds()) {
            for (Bytes piece : collateral.pieces(kind)) {
                out.u8(Formats.code(kind)).u24(piece.length()).bytes(piece.toByteArray());
            }
        }
        return out.toByteArray();
    }

    public static Answer decode(byte[] payload) throws AttestedTlsException {
        WireReader in = new WireReader(payload);
        Challenge.version(in);
        Role from = Challenge.role(in);
        int flags = in.u8();
        if (flags > 1) {
            throw in.malformed("unknown flags in an answer");
        }
        Bytes root = Bytes.of(in.bytes(32));
        String service = Challenge.service(in);
        long batch = in.u32();
        long index = in.u32();
        int siblings = in.u8();
        if (batch < 1 || batch > MAX_BATCH || index >= batch || siblings > MAX_PATH) {
            throw in.malformed("leaf " + index + " of " + batch + " with " + siblings + " siblings");
        }
        List<Bytes> path = new ArrayList<>();
        for (int i = 0; i < siblings; i++) {
            path.add(Bytes.of(in.bytes(32)));
        }
        EvidenceFormat format = Formats.format(in.u8());
        int length = in.u24();
        if (format == null || length == 0) {
            throw in.malformed("evidence of an unknown format, or none");
        }
        if (length > Math.min(MAX_EVIDENCE_BYTES, format.maxBytes())) {
            throw new AttestedTlsException(Reason.TOO_LARGE, "evidence of " + length + " bytes");
        }
        Evidence evidence = Evidence.of(format, in.bytes(length));
        Collateral collateral = collateral(in);
        in.end();
        return new Answer(
                from,
                flags == 1,
                root,
                service,
                new Quote(
                        collateral.isEmpty() ? evidence : evidence.withCollateral(collateral),
                        (int) batch,
                        (int) index,
                        path));
    }

    private static Collateral collateral(WireReader in) throws AttestedTlsException {
        int pieces = in.u8();
        if (pieces > MAX_COLLATERAL_PIECES) {
            throw new AttestedTlsException(Reason.TOO_LARGE, pieces + " pieces of collateral");
        }
        Collateral.Builder builder = Collateral.builder();
        int left = MAX_COLLATERAL_BYTES;
        for (int i = 0; i < pieces; i++) {
            Collateral.Kind kind = Formats.kind(in.u8());
            int length = in.u24();
            if (kind == null || length == 0) {
                throw in.malformed("collateral of an unknown kind, or empty");
            }
            if (length > left) {
                throw new AttestedTlsException(Reason.TOO_LARGE, "collateral beyond " + MAX_COLLATERAL_BYTES);
            }
            left -= length;
            builder.add(kind, in.bytes(length));
        }
        return builder.build();
    }
}
