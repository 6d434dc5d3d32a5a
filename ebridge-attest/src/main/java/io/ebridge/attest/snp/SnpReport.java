package io.ebridge.attest.snp;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.CollateralRequest.Amd.SigningKey;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.internal.snp.SnpReportReader;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An attestation report of SEV-SNP firmware, parsed but by itself not verified: only the report of an
 * {@link SnpResult} is what the firmware signed.
 *
 * <p>Guaranteed by {@link #parse}: the length is 1184 bytes, the version is one of 2, 3 and 5, every field that must be
 * zero is, and the signature has the form of one. Source: AMD 56860 (SEV-SNP firmware ABI), ATTESTATION_REPORT.
 *
 * @param version the version of the format: 2, 3 or 5
 * @param guestSvn the security version that the guest's owner gave the guest, unsigned 32 bits
 * @param policy the policy that the guest was launched with
 * @param familyId the family that the guest's owner gave it, 16 bytes
 * @param imageId the image that the guest's owner gave it, 16 bytes
 * @param vmpl the privilege level of the code that asked for the report: 0, the most privileged, to 3
 * @param currentTcb what runs now, 8 bytes; {@link SnpTcb#read} takes it apart
 * @param platformInfo how the platform is configured
 * @param signingKey which kind of key signed
 * @param authorKeyPresent whether the digest of an author key is present
 * @param chipKeyMasked whether the host masked the chip's own key
 * @param reportData what the guest wanted signed, 64 bytes
 * @param measurement the digest of the launched guest, 48 bytes
 * @param hostData what the host gave at launch, 32 bytes; the firmware does not interpret it
 * @param idKeyDigest SHA-384 of the key that signed the ID block, 48 bytes, zero if there was none
 * @param authorKeyDigest SHA-384 of the key that certified the ID key, 48 bytes, zero if there was none
 * @param reportId the guest's report id, 32 bytes
 * @param reportIdMigrationAgent its migration agent's, 32 bytes; all ones if there is none
 * @param reportedTcb the version for which the signing key was derived, 8 bytes
 * @param cpu the processor; empty in version 2
 * @param chipId the chip's identity, 64 bytes; zero where it is masked
 * @param committedTcb the version below which the platform can no longer go back, 8 bytes
 * @param currentFirmware the firmware that runs now
 * @param committedFirmware the firmware below which the platform can no longer go back
 * @param launchTcb what ran when the guest was launched or imported, 8 bytes
 * @param launchMitigations the mitigations verified when the guest was launched; empty before version 5
 * @param currentMitigations the mitigations verified now; empty before version 5
 */
public record SnpReport(
        int version,
        long guestSvn,
        SnpGuestPolicy policy,
        Bytes familyId,
        Bytes imageId,
        int vmpl,
        Bytes currentTcb,
        SnpPlatformInfo platformInfo,
        SigningKey signingKey,
        boolean authorKeyPresent,
        boolean chipKeyMasked,
        Bytes reportData,
        Bytes measurement,
        Bytes hostData,
        Bytes idKeyDigest,
        Bytes authorKeyDigest,
        Bytes reportId,
        Bytes reportIdMigrationAgent,
        Bytes reportedTcb,
        Optional<SnpCpu> cpu,
        Bytes chipId,
        Bytes committedTcb,
        SnpFirmware currentFirmware,
        SnpFirmware committedFirmware,
        Bytes launchTcb,
        OptionalLong launchMitigations,
        OptionalLong currentMitigations) {

    /** The length of a report in bytes. */
    public static final int LENGTH = 0x4A0;

    /**
     * Reads a report.
     *
     * @param report the bytes of a report and nothing else
     * @return the report
     * @throws EvidenceRejectedException if it is malformed, of another version, or not signed
     */
    public static SnpReport parse(Bytes report) throws EvidenceRejectedException {
        return new SnpReportReader(report).read();
    }

    /**
     * Whether the guest can be debugged, so that its memory is open to the host.
     *
     * @return whether its policy allows that
     */
    public boolean debug() {
        return policy.debugAllowed();
    }
}
