package io.ebridge.attest.internal.snp;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.CollateralRequest.Amd.SigningKey;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.Freshness;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.snp.SnpFeature;
import io.ebridge.attest.snp.SnpFirmware;
import io.ebridge.attest.snp.SnpPolicy;
import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.snp.SnpReference;
import io.ebridge.attest.snp.SnpReport;
import io.ebridge.attest.snp.SnpTcb;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Holds an authentic report against a policy. */
record SnpAppraiser(
        SnpReport report,
        SnpProduct product,
        SnpTcb reported,
        SnpTcb launch,
        VekExtensions extensions,
        VerificationContext context) {

    /** The report has no field for nonce and key: they count only as part of report data that the caller expects. */
    Set<Freshness.Proof> freshness(SnpPolicy policy) throws EvidenceRejectedException {
        Optional<Bytes> expected = policy.reportData();
        if (policy.nonce().isPresent()) {
            context.require(
                    expected.isPresent(),
                    RejectionReason.NONCE_NOT_CARRIED,
                    "a SEV-SNP report has no field for a nonce: hash it into the report data and expect that");
        }
        if (policy.publicKeySha256().isPresent()) {
            context.require(
                    expected.isPresent(),
                    RejectionReason.PUBLIC_KEY_NOT_CARRIED,
                    "a SEV-SNP report has no field for a public key: hash it into the report data and expect that");
        }
        if (expected.isEmpty()) {
            return Set.of();
        }
        context.require(
                expected.get().equals(report.reportData()),
                RejectionReason.REPORT_DATA_MISMATCH,
                "the report carries other report data than expected");
        return Set.of(Freshness.Proof.REPORT_DATA);
    }

    /** Makes every check of the policy and says which reference matched. */
    String appraise(SnpPolicy policy) throws EvidenceRejectedException {
        if (!policy.allowsDebug()) {
            require(
                    !report.debug(),
                    RejectionReason.DEBUG,
                    () -> "the guest's policy " + report.policy() + " allows the host to debug it (bit 19)");
        }
        if (!policy.allowsMigrationAgent()) {
            require(
                    !report.policy().migrationAgentAllowed(),
                    RejectionReason.SNP_MIGRATION_AGENT,
                    () -> "the guest's policy " + report.policy() + " allows a migration agent (bit 18)");
        }
        require(
                policy.products().contains(product),
                RejectionReason.SNP_PRODUCT_NOT_ALLOWED,
                () -> "the report is from " + product.line() + ", and " + policy.products() + " are allowed");
        signer(policy);
        require(
                policy.vmpls().contains(report.vmpl()),
                RejectionReason.SNP_VMPL,
                () -> "the report was asked for at VMPL " + report.vmpl() + ", and " + policy.vmpls() + " are allowed");
        for (SnpFeature feature : policy.required()) {
            require(
                    feature.shownBy(report),
                    RejectionReason.SNP_FEATURE,
                    () -> feature + " is required; guest policy " + report.policy() + " and platform information "
                            + report.platformInfo() + " do not show it");
        }
        firmware(policy);
        versions(policy);
        mitigations(policy.requiredMitigations());
        return reference(policy);
    }

    private void require(boolean condition, RejectionReason reason, Supplier<String> detail)
            throws EvidenceRejectedException {
        Checks.require(context, condition, reason, detail);
    }

    private void signer(SnpPolicy policy) throws EvidenceRejectedException {
        if (report.signingKey() == SigningKey.VLEK) {
            String name = extensions.cspId().orElse("");
            require(
                    policy.vlekProviders().contains(name),
                    RejectionReason.SNP_CSP_ID,
                    () -> "the report was signed by a key loaded by " + name.replaceAll("[^ -~]", "?") + ", and "
                            + (policy.vlekProviders().isEmpty() ? "no provider is" : policy.vlekProviders() + " are")
                            + " allowed");
        }
        if (!policy.chips().isEmpty()) {
            require(
                    policy.chips().contains(report.chipId()),
                    RejectionReason.SNP_CHIP_NOT_ALLOWED,
                    () -> "the report is from the chip " + report.chipId() + ", which is not among those allowed");
        }
    }

    private void firmware(SnpPolicy policy) throws EvidenceRejectedException {
        if (!policy.allowsProvisionalFirmware()) {
            require(
                    report.currentTcb().equals(report.committedTcb())
                            && report.currentFirmware().equals(report.committedFirmware()),
                    RejectionReason.SNP_PROVISIONAL_FIRMWARE,
                    () -> "the platform runs TCB " + report.currentTcb() + " and firmware " + report.currentFirmware()
                            + " but has committed only to " + report.committedTcb() + " and "
                            + report.committedFirmware() + ", to which its host can go back");
        }
        if (policy.minFirmware().isPresent()) {
            SnpFirmware minimum = policy.minFirmware().get();
            require(
                    report.committedFirmware().compareTo(minimum) >= 0,
                    RejectionReason.SNP_FIRMWARE_TOO_OLD,
                    () -> "the committed firmware is " + report.committedFirmware() + ", the minimum " + minimum);
        }
    }

    private void versions(SnpPolicy policy) throws EvidenceRejectedException {
        SnpTcb minimum = policy.minTcbs().get(product);
        if (minimum != null) {
            require(
                    reported.atLeast(minimum),
                    RejectionReason.SNP_TCB_TOO_OLD,
                    () -> "the reported TCB is below the minimum: " + reported.shortfall(minimum)
                            + "; the platform's firmware or microcode needs an update");
        }
        SnpTcb launchMinimum = policy.minLaunchTcbs().get(product);
        if (launchMinimum != null) {
            require(
                    launch.atLeast(launchMinimum),
                    RejectionReason.SNP_LAUNCH_TCB_TOO_OLD,
                    () -> "the TCB at launch is below the minimum: " + launch.shortfall(launchMinimum)
                            + "; launch the guest anew on an updated platform");
        }
    }

    private void mitigations(long required) throws EvidenceRejectedException {
        if (required == 0) {
            return;
        }
        long verified = report.launchMitigations().orElse(0)
                & report.currentMitigations().orElse(0);
        require(
                (verified & required) == required,
                RejectionReason.SNP_MITIGATION_MISSING,
                () -> String.format("mitigations 0x%x are required at launch and now, and ", required)
                        + (report.currentMitigations().isPresent()
                                ? String.format("0x%x are missing", required & ~verified)
                                : "a report of version " + report.version() + " states none"));
    }

    /** One set must match as a whole; if none does, the one that comes closest says what is wrong. */
    private String reference(SnpPolicy policy) throws EvidenceRejectedException {
        Mismatch closest = null;
        for (SnpReference reference : policy.allowed()) {
            Mismatch mismatch = mismatch(reference);
            if (mismatch == null) {
                notePassed(reference);
                return describe(reference);
            }
            closest = closest == null || mismatch.passed > closest.passed ? mismatch : closest;
        }
        Mismatch found = java.util.Objects.requireNonNull(closest, "a policy has references");
        throw new EvidenceRejectedException(found.reason, found.detail);
    }

    private record Mismatch(int passed, RejectionReason reason, String detail) {}

    private @Nullable Mismatch mismatch(SnpReference reference) {
        if (differs(reference.measurement(), report.measurement())) {
            return new Mismatch(
                    0,
                    RejectionReason.MEASUREMENT_MISMATCH,
                    "the guest's measurement " + report.measurement() + " is in none of the allowed sets");
        }
        if (differs(reference.idKeyDigest(), report.idKeyDigest())) {
            return new Mismatch(
                    1, RejectionReason.SNP_ID_KEY_MISMATCH, "the guest's ID key digest is " + report.idKeyDigest());
        }
        if (reference.authorKeyDigest().isPresent()
                && (!report.authorKeyPresent() || differs(reference.authorKeyDigest(), report.authorKeyDigest()))) {
            return new Mismatch(
                    2,
                    RejectionReason.SNP_AUTHOR_KEY_MISMATCH,
                    report.authorKeyPresent()
                            ? "the guest's author key digest is " + report.authorKeyDigest()
                            : "the guest has no author key");
        }
        if (differs(reference.familyId(), report.familyId()) || differs(reference.imageId(), report.imageId())) {
            return new Mismatch(
                    3,
                    RejectionReason.SNP_IMAGE_MISMATCH,
                    "the guest is of family " + report.familyId() + " and image " + report.imageId());
        }
        if (report.guestSvn() < reference.minGuestSvn()) {
            return new Mismatch(
                    4,
                    RejectionReason.SNP_GUEST_SVN_TOO_LOW,
                    "the guest's security version is " + report.guestSvn() + ", the minimum "
                            + reference.minGuestSvn());
        }
        if (differs(reference.hostData(), report.hostData())) {
            return new Mismatch(
                    5, RejectionReason.SNP_HOST_DATA_MISMATCH, "the guest's host data is " + report.hostData());
        }
        return null;
    }

    private void notePassed(SnpReference reference) {
        context.passed(RejectionReason.MEASUREMENT_MISMATCH);
        if (reference.idKeyDigest().isPresent()) {
            context.passed(RejectionReason.SNP_ID_KEY_MISMATCH);
        }
        if (reference.authorKeyDigest().isPresent()) {
            context.passed(RejectionReason.SNP_AUTHOR_KEY_MISMATCH);
        }
        if (reference.familyId().isPresent() || reference.imageId().isPresent()) {
            context.passed(RejectionReason.SNP_IMAGE_MISMATCH);
        }
        if (reference.minGuestSvn() > 0) {
            context.passed(RejectionReason.SNP_GUEST_SVN_TOO_LOW);
        }
        if (reference.hostData().isPresent()) {
            context.passed(RejectionReason.SNP_HOST_DATA_MISMATCH);
        }
    }

    private static boolean differs(Optional<Bytes> expected, Bytes found) {
        return expected.isPresent() && !expected.get().equals(found);
    }

    private static String describe(SnpReference reference) {
        return reference
                .measurement()
                .map(value -> "measurement " + value)
                .or(() -> reference.idKeyDigest().map(value -> "ID key " + value))
                .or(() -> reference.authorKeyDigest().map(value -> "author key " + value))
                .orElse("");
    }
}
