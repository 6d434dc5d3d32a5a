package io.ebridge.attest.internal.snp;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.CollateralRequest.Amd.SigningKey;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.snp.SnpCpu;
import io.ebridge.attest.snp.SnpFirmware;
import io.ebridge.attest.snp.SnpGuestPolicy;
import io.ebridge.attest.snp.SnpPlatformInfo;
import io.ebridge.attest.snp.SnpReport;
import java.util.Optional;
import java.util.OptionalLong;

/** Takes a report apart. Offsets: AMD 56860, ATTESTATION_REPORT; signature format: "ECDSA P-384 with SHA-384". */
public final class SnpReportReader {

    static final int SIGNED_LENGTH = 0x2A0;
    private static final int COMPONENT_LENGTH = 72;
    private static final int COMPONENT_USED = 48;
    private static final int S_AT = SIGNED_LENGTH + COMPONENT_LENGTH;

    private static final int ECDSA_P384_SHA384 = 1;
    private static final int KEY_VCEK = 0;
    private static final int KEY_VLEK = 1;
    private static final int KEY_NONE = 7;
    private static final int MAX_VMPL = 3;

    private final Bytes in;

    public SnpReportReader(Bytes in) {
        this.in = in;
    }

    public SnpReport read() throws EvidenceRejectedException {
        if (in.length() != SnpReport.LENGTH) {
            throw malformed("a report has " + SnpReport.LENGTH + " bytes, not " + in.length());
        }
        long version = u32(0x00);
        if (version != 2 && version != 3 && version != 5) {
            throw new EvidenceRejectedException(
                    RejectionReason.UNSUPPORTED_VERSION, "report version " + version + "; 2, 3 and 5 are known");
        }
        SnpGuestPolicy policy = new SnpGuestPolicy(u64(0x08));
        if ((policy.value() & 1L << 17) == 0 || policy.value() >>> 26 != 0) {
            throw reserved("guest policy " + policy + ": bit 17 must be one and bits 26 to 63 zero");
        }
        long vmpl = u32(0x30);
        if (vmpl > MAX_VMPL) {
            // The host can have the firmware sign a report about a guest; it then carries all ones here.
            throw new EvidenceRejectedException(
                    RejectionReason.SNP_HOST_REPORT,
                    String.format("VMPL 0x%08x: the guest did not ask for this report", vmpl));
        }
        long algorithm = u32(0x34);
        if (algorithm != ECDSA_P384_SHA384) {
            throw new EvidenceRejectedException(
                    RejectionReason.SNP_SIGNATURE_ALGORITHM,
                    "signature algorithm " + algorithm + "; 1 is ECDSA P-384 with SHA-384");
        }
        long keys = u32(0x48);
        if (keys >>> 5 != 0) {
            throw reserved(String.format("key information 0x%08x: bits 5 to 31 must be zero", keys));
        }
        zero(0x4C, 0x50);
        zero(version == 2 ? 0x188 : 0x18B, 0x1A0);
        zero(0x1EB, 0x1EC);
        zero(0x1EF, 0x1F0);
        zero(version == 5 ? 0x208 : 0x1F8, SIGNED_LENGTH);
        zero(SIGNED_LENGTH + COMPONENT_USED, S_AT);
        zero(S_AT + COMPONENT_USED, SnpReport.LENGTH);
        return new SnpReport(
                (int) version,
                u32(0x04),
                policy,
                in.slice(0x10, 16),
                in.slice(0x20, 16),
                (int) vmpl,
                in.slice(0x38, 8),
                new SnpPlatformInfo(u64(0x40)),
                signingKey((int) (keys >>> 2)),
                (keys & 1) != 0,
                (keys & 2) != 0,
                in.slice(0x50, 64),
                in.slice(0x90, 48),
                in.slice(0xC0, 32),
                in.slice(0xE0, 48),
                in.slice(0x110, 48),
                in.slice(0x140, 32),
                in.slice(0x160, 32),
                in.slice(0x180, 8),
                version == 2 ? Optional.empty() : Optional.of(new SnpCpu(in.at(0x188), in.at(0x189), in.at(0x18A))),
                in.slice(0x1A0, 64),
                in.slice(0x1E0, 8),
                new SnpFirmware(in.at(0x1EA), in.at(0x1E9), in.at(0x1E8)),
                new SnpFirmware(in.at(0x1EE), in.at(0x1ED), in.at(0x1EC)),
                in.slice(0x1F0, 8),
                version == 5 ? OptionalLong.of(u64(0x1F8)) : OptionalLong.empty(),
                version == 5 ? OptionalLong.of(u64(0x200)) : OptionalLong.empty());
    }

    /** r and s, big-endian and 48 bytes each, as the rest of the world writes them. */
    static byte[] signature(Bytes report) {
        byte[] result = new byte[2 * COMPONENT_USED];
        for (int i = 0; i < COMPONENT_USED; i++) {
            result[COMPONENT_USED - 1 - i] = (byte) report.at(SIGNED_LENGTH + i);
            result[2 * COMPONENT_USED - 1 - i] = (byte) report.at(S_AT + i);
        }
        return result;
    }

    private static SigningKey signingKey(int number) throws EvidenceRejectedException {
        return switch (number) {
            case KEY_VCEK -> SigningKey.VCEK;
            case KEY_VLEK -> SigningKey.VLEK;
            case KEY_NONE ->
                throw new EvidenceRejectedException(
                        RejectionReason.SNP_NOT_SIGNED, "the report says that it is not signed");
            default ->
                throw new EvidenceRejectedException(
                        RejectionReason.SNP_NOT_SIGNED, "signing key " + number + "; 0 is the VCEK and 1 the VLEK");
        };
    }

    private void zero(int from, int to) throws EvidenceRejectedException {
        for (int i = from; i < to; i++) {
            if (in.at(i) != 0) {
                throw reserved(String.format("byte 0x%03x must be zero", i));
            }
        }
    }

    private long u32(int at) {
        return in.at(at) | in.at(at + 1) << 8 | in.at(at + 2) << 16 | (long) in.at(at + 3) << 24;
    }

    private long u64(int at) {
        return u32(at) | u32(at + 4) << 32;
    }

    private static EvidenceRejectedException reserved(String detail) {
        return new EvidenceRejectedException(RejectionReason.SNP_RESERVED, detail);
    }

    private static EvidenceRejectedException malformed(String detail) {
        return new EvidenceRejectedException(RejectionReason.MALFORMED, detail);
    }
}
