package io.ebridge.attest.tdx;

import io.ebridge.attest.Bytes;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The report body of a trust domain: TD 1.0 (584 bytes) or TD 1.5 (648 bytes), as in Intel's TDX DCAP quote generation
 * library specification, TD quote body.
 *
 * @param teeTcbSvn SVNs of TDX module and SEAM loader, 16 bytes: [0] module SVN, [1] module version, [2] microcode
 * @param mrSeam measurement of the TDX module, 48 bytes
 * @param mrSignerSeam signer of the TDX module, 48 bytes; zero for Intel's
 * @param seamAttributes 8 bytes as in the report
 * @param tdAttributes 8 bytes as in the report, little-endian
 * @param xfam extended features available to the TD, 8 bytes as in the report, little-endian
 * @param mrTd measurement of the TD's initial memory, usually the virtual firmware, 48 bytes
 * @param mrConfigId id of the TD's configuration, 48 bytes
 * @param mrOwner id of the TD's owner, 48 bytes
 * @param mrOwnerConfig id of the owner's configuration, 48 bytes
 * @param rtmr the four run-time measurement registers, 48 bytes each
 * @param reportData what the TD asked to be signed, 64 bytes
 * @param teeTcbSvn2 SVNs of the TDX module loaded now, 16 bytes; TD 1.5 only
 * @param mrServiceTd hash of the bound service TDs, 48 bytes, zero if there are none; TD 1.5 only
 */
public record TdReport(
        Bytes teeTcbSvn,
        Bytes mrSeam,
        Bytes mrSignerSeam,
        Bytes seamAttributes,
        Bytes tdAttributes,
        Bytes xfam,
        Bytes mrTd,
        Bytes mrConfigId,
        Bytes mrOwner,
        Bytes mrOwnerConfig,
        List<Bytes> rtmr,
        Bytes reportData,
        Optional<Bytes> teeTcbSvn2,
        Optional<Bytes> mrServiceTd) {

    /** Length of a TD 1.0 body in bytes. */
    public static final int BYTES_10 = 584;

    /** Length of a TD 1.5 body in bytes. */
    public static final int BYTES_15 = 648;

    /**
     * Copies the list.
     *
     * @param teeTcbSvn SVNs of TDX module and SEAM loader, 16 bytes
     * @param mrSeam measurement of the TDX module, 48 bytes
     * @param mrSignerSeam signer of the TDX module, 48 bytes
     * @param seamAttributes 8 bytes as in the report
     * @param tdAttributes 8 bytes as in the report, little-endian
     * @param xfam extended features available to the TD, 8 bytes as in the report, little-endian
     * @param mrTd measurement of the TD's initial memory, usually the virtual firmware, 48 bytes
     * @param mrConfigId id of the TD's configuration, 48 bytes
     * @param mrOwner id of the TD's owner, 48 bytes
     * @param mrOwnerConfig id of the owner's configuration, 48 bytes
     * @param rtmr the four run-time measurement registers, 48 bytes each
     * @param reportData what the TD asked to be signed, 64 bytes
     * @param teeTcbSvn2 SVNs of the TDX module loaded now, 16 bytes
     * @param mrServiceTd hash of the bound service TDs, 48 bytes, zero if there are none
     */
    public TdReport {
        rtmr = List.copyOf(rtmr);
    }

    /**
     * Whether the TD can be debugged, so that its memory is open to the host.
     *
     * @return attribute bit 0
     */
    public boolean debug() {
        return TdAttribute.DEBUG.in(attributeBits());
    }

    /**
     * The attributes as a number.
     *
     * @return 64 bits, bit 0 the least significant
     */
    public long attributeBits() {
        return littleEndian(tdAttributes);
    }

    /**
     * The extended features as a number.
     *
     * @return 64 bits, bit 0 the least significant
     */
    public long xfamBits() {
        return littleEndian(xfam);
    }

    /**
     * The attributes that are set, as far as they have names.
     *
     * @return a set of its own
     */
    public Set<TdAttribute> attributes() {
        EnumSet<TdAttribute> set = EnumSet.noneOf(TdAttribute.class);
        long bits = attributeBits();
        for (TdAttribute attribute : TdAttribute.values()) {
            if (attribute.in(bits)) {
                set.add(attribute);
            }
        }
        return set;
    }

    private static long littleEndian(Bytes bytes) {
        long value = 0;
        for (int i = bytes.length() - 1; i >= 0; i--) {
            value = value << 8 | bytes.at(i);
        }
        return value;
    }
}
