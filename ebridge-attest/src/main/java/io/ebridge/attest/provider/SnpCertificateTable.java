package io.ebridge.attest.provider;

import io.ebridge.attest.Collateral;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The certificates that a host passes along with an extended report. Source: AMD 56421 (guest-hypervisor communication
 * block), section 4.1.8.1: entries of GUID, offset and length in little-endian order up to one that is all zero, then the
 * certificates. The GUIDs are not looked at: the pieces are sorted by what they contain.
 */
final class SnpCertificateTable {

    private static final int ENTRY = 24;
    private static final int MAX_ENTRIES = 16;

    private SnpCertificateTable() {}

    /** Whatever certificates there are; a table that does not parse gives those before the fault. */
    static Collateral read(byte[] table) {
        ByteBuffer in = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at + ENTRY <= table.length && pieces.size() < MAX_ENTRIES; at += ENTRY) {
            long offset = in.getInt(at + 16) & 0xffff_ffffL;
            long length = in.getInt(at + 20) & 0xffff_ffffL;
            if (length == 0 || offset > table.length || length > table.length - offset) {
                break;
            }
            byte[] piece = new byte[(int) length];
            in.get((int) offset, piece);
            pieces.add(piece);
        }
        return Collateral.ofContents(pieces);
    }
}
