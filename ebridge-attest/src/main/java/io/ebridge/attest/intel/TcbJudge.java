package io.ebridge.attest.intel;

import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.intel.TcbPolicy.Grace;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Holds a platform and its TCB against a {@link TcbPolicy}. */
final class TcbJudge {

    private TcbJudge() {}

    static Optional<TcbRefusal> tcb(TcbPolicy policy, TcbAssessment tcb, Instant at) {
        TcbStatus status = tcb.status();
        if (policy.accepted().contains(status)) {
            SortedSet<String> open = new TreeSet<>(tcb.advisories());
            open.removeAll(policy.acceptedAdvisories());
            if (status == TcbStatus.UP_TO_DATE || policy.acceptsAnyAdvisory() || open.isEmpty()) {
                return Optional.empty();
            }
            return refuse(
                    RejectionReason.TCB_ADVISORY,
                    "the policy does not name the open advisories " + String.join(", ", open),
                    tcb);
        }
        if (status.outOfDate() && policy.grace().isPresent()) {
            return underGrace(policy, policy.grace().get(), tcb, at);
        }
        return refuse(TcbPolicy.reasonFor(status), "the policy accepts " + policy.accepted(), tcb);
    }

    static Optional<TcbRefusal> platform(TcbPolicy policy, IntelPlatform platform) {
        if (!policy.sgxTypes().contains(platform.sgxType())) {
            return flag("memory protection is " + platform.sgxType() + ", and the policy accepts " + policy.sgxTypes());
        }
        Optional<IntelPlatform.Configuration> configuration = platform.configuration();
        if (policy.requiresSmtDisabled() && !isOff(configuration.flatMap(IntelPlatform.Configuration::smtEnabled))) {
            return flag("hyper-threading is on, or the certificate does not say");
        }
        if (policy.rejectsDynamicPlatform()
                && !isOff(configuration.flatMap(IntelPlatform.Configuration::dynamicPlatform))) {
            return flag("packages may be added to the platform, or the certificate does not say");
        }
        if (policy.rejectsCachedKeys() && !isOff(configuration.flatMap(IntelPlatform.Configuration::cachedKeys))) {
            return flag("Intel keeps the platform's keys, or the certificate does not say");
        }
        return Optional.empty();
    }

    private static Optional<TcbRefusal> underGrace(TcbPolicy policy, Grace exception, TcbAssessment tcb, Instant at) {
        if (at.isAfter(exception.until())) {
            return refuse(RejectionReason.TCB_OUT_OF_DATE, "the grace ended at " + exception.until(), tcb);
        }
        if (tcb.status().configurationNeeded()
                && !policy.accepted().contains(TcbStatus.CONFIGURATION_NEEDED)
                && !policy.accepted().contains(TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED)) {
            return refuse(
                    RejectionReason.TCB_CONFIGURATION_NEEDED,
                    "the grace covers updates that are missing, not the open configuration",
                    tcb);
        }
        for (Optional<TcbPart> part : List.of(Optional.of(tcb.platform()), tcb.module(), tcb.quotingEnclave())) {
            Optional<Instant> date = part.filter(p -> p.status().outOfDate()).flatMap(TcbPart::tcbDate);
            if (date.isPresent() && date.get().isBefore(exception.tcbDateNotBefore())) {
                return refuse(
                        RejectionReason.TCB_OUT_OF_DATE,
                        part.get().id() + " is of " + date.get() + ", before the grace's "
                                + exception.tcbDateNotBefore(),
                        tcb);
            }
        }
        return Optional.empty();
    }

    private static boolean isOff(Optional<Boolean> flag) {
        return flag.isPresent() && !flag.get();
    }

    private static Optional<TcbRefusal> flag(String detail) {
        return Optional.of(new TcbRefusal(RejectionReason.PLATFORM_FLAGS, detail));
    }

    private static Optional<TcbRefusal> refuse(RejectionReason reason, String why, TcbAssessment tcb) {
        return Optional.of(new TcbRefusal(reason, why + "; " + tcb.explain()));
    }
}
