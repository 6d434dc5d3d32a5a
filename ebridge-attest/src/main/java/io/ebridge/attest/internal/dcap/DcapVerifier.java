package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Authenticity;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.Freshness;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.intel.EnclaveReport;
import io.ebridge.attest.intel.QuoteDetails;
import io.ebridge.attest.intel.TcbAssessment;
import io.ebridge.attest.intel.TcbPart;
import io.ebridge.attest.intel.TcbPolicy;
import io.ebridge.attest.intel.TcbRefusal;
import io.ebridge.attest.intel.TcbShortfall;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.tdx.TdReport;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What SGX and TDX quotes have in common, in the order of Intel's quote verification (step 4.1.2.4). */
final class DcapVerifier {

    private static final Set<RejectionReason> PARSED =
            EnumSet.of(RejectionReason.MALFORMED, RejectionReason.UNSUPPORTED_VERSION, RejectionReason.TRAILING_DATA);

    private DcapVerifier() {}

    /** An authentic quote. */
    record Authentic(Quote quote, PlatformCollateral collateral, Optional<TcbAssessment> tcb) {

        Authenticity authenticity(VerificationContext context) {
            return new Authenticity(
                    collateral.pck().anchor(), collateral.revocationChecked(), context.missing(), context.strictness());
        }

        QuoteDetails details() {
            return new QuoteDetails(
                    quote.version(),
                    quote.qeSvn(),
                    quote.pceSvn(),
                    quote.userData(),
                    quote.certificationType(),
                    quote.trailing(),
                    quote.attestationKey(),
                    quote.qeReport());
        }
    }

    static Authentic verify(byte[] evidence, EvidenceFormat format, VerificationContext context)
            throws EvidenceRejectedException {
        Quote quote = QuoteParser.parse(evidence, format, context.strictness().trailing());
        context.passed(PARSED);
        PlatformCollateral collateral = new CollateralVerifier(format, quote, context).verify();
        QuoteSignatures.verify(quote, collateral.pck(), context);

        Optional<TcbPart> qe = Optional.empty();
        Optional<TcbShortfall> qeShortfall = Optional.empty();
        if (collateral.qeIdentity().isPresent()) {
            QeIdentity identity = collateral.qeIdentity().get();
            requireIdentity(identity, quote.qeReport(), context);
            TcbPart part =
                    identity.levels().assess(identity.id(), quote.qeReport().isvSvn());
            qe = Optional.of(part);
            qeShortfall = identity.levels().shortfall(part);
        }
        Optional<TcbAssessment> tcb = Optional.empty();
        if (collateral.tcbInfo().isPresent()) {
            TcbInfo info = collateral.tcbInfo().get();
            TdReport td = quote.tdx();
            if (td != null) {
                requireModule(info, td, context);
            }
            tcb = Optional.of(TcbEvaluator.assess(info, collateral.platform(), td, qe, qeShortfall));
        }
        return new Authentic(quote, collateral, tcb);
    }

    /** Intel enclave report verification, steps 4.1.2.9.5 to 4.1.2.9.8. */
    private static void requireIdentity(QeIdentity identity, EnclaveReport qe, VerificationContext context)
            throws EvidenceRejectedException {
        context.require(
                identity.mrSigner().equals(qe.mrSigner()),
                RejectionReason.QE_MRSIGNER,
                () -> "the quoting enclave's MRSIGNER is " + qe.mrSigner() + ", Intel's is " + identity.mrSigner());
        context.require(
                identity.isvProdId() == qe.isvProdId(),
                RejectionReason.QE_ISVPRODID,
                () -> "the quoting enclave's ISVPRODID is " + qe.isvProdId() + ", not " + identity.isvProdId());
        context.require(
                QeIdentity.matches(qe.miscSelect(), identity.miscSelectMask(), identity.miscSelect()),
                RejectionReason.QE_MISCSELECT,
                () -> "the quoting enclave's MISCSELECT is " + qe.miscSelect());
        context.require(
                QeIdentity.matches(qe.attributes(), identity.attributesMask(), identity.attributes()),
                RejectionReason.QE_ATTRIBUTES,
                () -> "the quoting enclave's attributes are " + qe.attributes() + ", under mask "
                        + identity.attributesMask() + " not " + identity.attributes());
    }

    /** Quote verification 4.1.2.4.11: the identity of the TDX module by its version, else {@code tdxModule}. */
    private static void requireModule(TcbInfo info, TdReport td, VerificationContext context)
            throws EvidenceRejectedException {
        int version = td.teeTcbSvn().at(1);
        Optional<TdxModule> module = version == 0 ? info.module() : info.module(version);
        context.require(
                module.isPresent(),
                RejectionReason.TDX_MODULE_UNKNOWN,
                () -> "the TDX module is " + TdxModule.idOf(version) + ", of which the TCB info says nothing");
        context.require(
                module.get().mrSigner().equals(td.mrSignerSeam()),
                RejectionReason.TDX_MODULE_SIGNER,
                () -> "the TDX module's MRSIGNERSEAM is " + td.mrSignerSeam());
        // Bits that the mask leaves open have no meaning yet: they must be zero, so nothing but the attributes
        // themselves passes.
        context.require(
                QeIdentity.matches(
                                td.seamAttributes(),
                                module.get().attributesMask(),
                                module.get().attributes())
                        && td.seamAttributes().equals(module.get().attributes()),
                RejectionReason.TDX_MODULE_ATTRIBUTES,
                () -> "the TDX module's attributes are " + td.seamAttributes());
    }

    /** Holds platform and collateral against the policy. */
    static void appraisePlatform(Authentic authentic, TcbPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        PlatformCollateral collateral = authentic.collateral();
        if (policy.maxCollateralAge().isPresent() && collateral.oldestIssue().isPresent()) {
            Duration max = policy.maxCollateralAge().get();
            Instant issued = collateral.oldestIssue().get();
            context.require(
                    !context.now().isAfter(issued.plus(max)),
                    RejectionReason.COLLATERAL_TOO_OLD,
                    () -> "collateral was issued at " + issued + ", more than " + max + " ago: fetch it anew");
        }
        int minimum = policy.minEvaluationDataNumber();
        if (collateral.tcbInfo().isPresent()) {
            requireNumber("TCB info", collateral.tcbInfo().get().evaluationDataNumber(), minimum, context);
        }
        if (collateral.qeIdentity().isPresent()) {
            requireNumber("QE identity", collateral.qeIdentity().get().evaluationDataNumber(), minimum, context);
        }
        accept(policy.judge(collateral.platform()));
        context.passed(RejectionReason.PLATFORM_FLAGS);
        if (authentic.tcb().isPresent()) {
            accept(policy.judge(authentic.tcb().get(), context.now()));
            for (TcbStatus status : TcbStatus.values()) {
                if (!policy.accepted().contains(status) && (authentic.quote().tdx() != null || !isRelaunch(status))) {
                    context.passed(TcbPolicy.reasonFor(status));
                }
            }
            context.passed(RejectionReason.TCB_ADVISORY);
        }
    }

    private static boolean isRelaunch(TcbStatus status) {
        return status == TcbStatus.RELAUNCH_ADVISED || status == TcbStatus.RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
    }

    private static void requireNumber(String title, int number, int minimum, VerificationContext context)
            throws EvidenceRejectedException {
        context.require(
                number >= minimum,
                RejectionReason.TCB_EVALUATION_NUMBER,
                () -> "the " + title + " has evaluation data number " + number + ", the policy demands " + minimum
                        + ": fetch newer collateral");
    }

    private static void accept(Optional<TcbRefusal> refusal) throws EvidenceRejectedException {
        if (refusal.isPresent()) {
            throw new EvidenceRejectedException(
                    refusal.get().reason(), refusal.get().detail());
        }
    }

    /**
     * Holds report data against the policy. A nonce or key is carried only by report data that covers it: expected alone, it could
     * not be checked.
     */
    static Freshness freshness(Bytes reportData, @Nullable AppraisalPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        EnumSet<Freshness.Proof> proofs = EnumSet.noneOf(Freshness.Proof.class);
        if (policy != null) {
            Optional<Bytes> expected = policy.reportData();
            if (policy.nonce().isPresent()) {
                context.require(
                        expected.isPresent(),
                        RejectionReason.NONCE_NOT_CARRIED,
                        "a quote has no field for a nonce: expect report data that covers it");
            }
            if (policy.publicKeySha256().isPresent()) {
                context.require(
                        expected.isPresent(),
                        RejectionReason.PUBLIC_KEY_NOT_CARRIED,
                        "a quote has no field for a key: expect report data that covers it");
            }
            if (expected.isPresent()) {
                context.require(
                        expected.get().equals(reportData),
                        RejectionReason.REPORT_DATA_MISMATCH,
                        "the report data is not what was expected: the quote was made for another session or key");
                proofs.add(Freshness.Proof.REPORT_DATA);
            }
        }
        return new Freshness(context.now(), Optional.empty(), proofs);
    }
}
