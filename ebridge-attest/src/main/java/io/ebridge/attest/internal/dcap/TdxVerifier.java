package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Appraisal;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.Findings;
import io.ebridge.attest.Freshness;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.internal.FormatVerifier;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.tdx.TdAttribute;
import io.ebridge.attest.tdx.TdReport;
import io.ebridge.attest.tdx.TdxPolicy;
import io.ebridge.attest.tdx.TdxReference;
import io.ebridge.attest.tdx.TdxResult;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Verifies TDX quotes of versions 4 and 5. */
public final class TdxVerifier implements FormatVerifier<TdxPolicy, TdxResult> {

    private static final long DEBUG_GROUP = 0xFF;
    private static final long MANDATORY_XFAM = 3;
    private static final long KNOWN_ATTRIBUTES = known();

    @Override
    public TdxResult verify(byte[] evidence, @Nullable TdxPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        DcapVerifier.Authentic authentic = DcapVerifier.verify(evidence, EvidenceFormat.TDX, context);
        TdReport report = Objects.requireNonNull(authentic.quote().tdx());
        Appraisal appraisal = new Appraisal(false, report.debug(), Optional.empty());
        if (policy != null) {
            DcapVerifier.appraisePlatform(authentic, policy.tcb(), context);
            appraisal = appraise(report, policy, context);
        }
        Freshness freshness = DcapVerifier.freshness(report.reportData(), policy, context);
        return new TdxResult(
                new Findings(
                        authentic.authenticity(context), freshness, appraisal, context.validity(), context.checks()),
                report,
                authentic.details(),
                authentic.collateral().platform(),
                authentic.tcb());
    }

    @Override
    public CollateralReport checkCollateral(Collateral collateral, VerificationContext context)
            throws EvidenceRejectedException {
        return CollateralCheck.check(EvidenceFormat.TDX, collateral, context);
    }

    private static Appraisal appraise(TdReport report, TdxPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        requireAttributes(report, policy, context);
        requireFeatures(report, policy, context);
        requireServiceTd(report, policy, context);
        String mismatch = "";
        for (TdxReference reference : policy.allowed()) {
            Optional<String> found = reference.mismatch(report);
            if (found.isEmpty()) {
                context.passed(RejectionReason.MEASUREMENT_MISMATCH);
                return new Appraisal(true, report.debug(), Optional.of(reference.describe()));
            }
            mismatch = found.get();
        }
        throw new EvidenceRejectedException(
                RejectionReason.MEASUREMENT_MISMATCH,
                "the TD is in none of the " + policy.allowed().size() + " allowed sets: MRTD " + report.mrTd()
                        + "; against the last set, " + mismatch);
    }

    private static void requireAttributes(TdReport report, TdxPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        long attributes = report.attributeBits();
        context.require(
                (attributes & DEBUG_GROUP) == 0 || policy.allowsDebug(),
                RejectionReason.DEBUG,
                () -> "the TD's attributes are " + report.tdAttributes()
                        + ", with bits of the debug group: its memory, or its"
                        + " execution, is open to the host; launch it without");
        context.require(
                (attributes & ~KNOWN_ATTRIBUTES & ~DEBUG_GROUP) == 0,
                RejectionReason.TDX_ATTRIBUTES_RESERVED,
                () -> "the TD's attributes are " + report.tdAttributes() + ", with reserved bits");
        context.require(
                !policy.requiresSeptVeDisable() || TdAttribute.SEPT_VE_DISABLE.in(attributes),
                RejectionReason.TDX_SEPT_VE,
                "SEPT_VE_DISABLE is not set: the host can inject faults into the TD; launch it with the attribute");
        Set<TdAttribute> set = report.attributes();
        set.removeIf(attribute -> attribute.bit() < 8 || attribute == TdAttribute.SEPT_VE_DISABLE);
        set.removeAll(policy.allowedAttributes());
        context.require(
                set.isEmpty(),
                RejectionReason.TDX_ATTRIBUTE_NOT_ALLOWED,
                () -> "the TD has attributes that the policy does not allow: " + set);
    }

    private static void requireFeatures(TdReport report, TdxPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        long features = report.xfamBits();
        context.require(
                (features & ~policy.allowedXfam()) == 0 && (features & MANDATORY_XFAM) == MANDATORY_XFAM,
                RejectionReason.TDX_XFAM,
                () -> "the TD's XFAM is 0x" + Long.toHexString(features) + ", the policy allows 0x"
                        + Long.toHexString(policy.allowedXfam()));
    }

    private static void requireServiceTd(TdReport report, TdxPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        Optional<Bytes> service = report.mrServiceTd();
        context.require(
                service.isEmpty()
                        || service.get().isZero()
                        || policy.allowedServiceTds().contains(service.get()),
                RejectionReason.TDX_SERVICE_TD,
                () -> "the TD is bound to service TDs that the policy does not allow: MRSERVICETD "
                        + service.map(Bytes::hex).orElse(""));
    }

    private static long known() {
        long mask = 0;
        for (TdAttribute attribute : EnumSet.allOf(TdAttribute.class)) {
            mask |= attribute.mask();
        }
        return mask;
    }
}
