package io.ebridge.attest.internal.nitro;

import io.ebridge.attest.Appraisal;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.Freshness;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.nitro.NitroDocument;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.nitro.PcrSet;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds an authentic document against a policy. */
final class NitroAppraiser {

    /** The registers that debug mode zeroes. */
    private static final Set<Integer> ZERO_IN_DEBUG = Set.of(0, 1, 2, 8);

    private NitroAppraiser() {}

    static Freshness freshness(
            NitroDocument document, @Nullable NitroPolicy policy, boolean archived, VerificationContext context)
            throws EvidenceRejectedException {
        EnumSet<Freshness.Proof> proofs = EnumSet.noneOf(Freshness.Proof.class);
        if (policy != null) {
            if (!archived) {
                requireRecent(document, policy, context);
                proofs.add(Freshness.Proof.TIMESTAMP);
            }
            if (policy.nonce().isPresent()) {
                context.require(
                        document.nonce().equals(policy.nonce()),
                        RejectionReason.NONCE_MISMATCH,
                        document.nonce().isEmpty()
                                ? "the document has no nonce"
                                : "the nonce is not the one that was sent: the document was made for somebody else");
                proofs.add(Freshness.Proof.NONCE);
            }
            if (policy.reportData().isPresent()) {
                proofs.add(Freshness.Proof.REPORT_DATA);
            }
            if (archived) {
                proofs.clear();
            }
        }
        return new Freshness(context.now(), Optional.of(document.timestamp()), proofs);
    }

    private static void requireRecent(NitroDocument document, NitroPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        context.require(
                !document.timestamp().isAfter(context.now().plus(policy.clockSkew())),
                RejectionReason.NITRO_TIMESTAMP_FUTURE,
                () -> "the document was made at " + document.timestamp() + ", and it is " + context.now()
                        + ": check the clock, or allow for skew");
        context.require(
                !context.now().isAfter(document.timestamp().plus(policy.maxAge())),
                RejectionReason.NITRO_TIMESTAMP_STALE,
                () -> "the document was made at " + document.timestamp() + ", more than " + policy.maxAge() + " before "
                        + context.now() + ": ask for a new one");
    }

    static Appraisal appraise(NitroDocument document, @Nullable NitroPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        boolean debug = document.debug();
        if (policy == null) {
            return new Appraisal(false, debug, Optional.empty());
        }
        context.require(
                !debug || policy.allowsDebug(),
                RejectionReason.DEBUG,
                "PCR0, PCR1 and PCR2 are zero: the enclave runs in debug mode; start it without --debug-mode");
        requireField(
                document.userData(), policy.reportData(), RejectionReason.REPORT_DATA_MISMATCH, "user_data", context);
        requireField(
                document.userData(), policy.userData(), RejectionReason.REPORT_DATA_MISMATCH, "user_data", context);
        requireField(
                document.publicKey(),
                policy.publicKeySha256(),
                RejectionReason.PUBLIC_KEY_MISMATCH,
                "public_key",
                context);
        requireField(
                document.publicKey(), policy.publicKey(), RejectionReason.PUBLIC_KEY_MISMATCH, "public_key", context);
        for (PcrSet set : policy.allowed()) {
            if (matches(document, set, debug)) {
                context.passed(RejectionReason.MEASUREMENT_MISMATCH);
                String label = set.name().isEmpty() ? "PCR" + set.values().keySet() : set.name();
                return new Appraisal(true, debug, Optional.of(debug ? label + " (debug enclave)" : label));
            }
        }
        throw new EvidenceRejectedException(
                RejectionReason.MEASUREMENT_MISMATCH,
                "the PCRs are in none of the " + policy.allowed().size() + " allowed sets; the document has "
                        + describe(document));
    }

    private static boolean matches(NitroDocument document, PcrSet set, boolean debug) {
        for (Map.Entry<Integer, Bytes> expected : set.values().entrySet()) {
            if (debug && ZERO_IN_DEBUG.contains(expected.getKey())) {
                continue;
            }
            if (!expected.getValue().equals(document.pcrs().get(expected.getKey()))) {
                return false;
            }
        }
        return true;
    }

    private static void requireField(
            Optional<Bytes> actual,
            Optional<Bytes> expected,
            RejectionReason reason,
            String field,
            VerificationContext context)
            throws EvidenceRejectedException {
        if (expected.isPresent()) {
            context.require(
                    actual.equals(expected),
                    reason,
                    () -> actual.isEmpty()
                            ? "the document has no " + field
                            : field + " is not what was expected: the document was made for another session or key");
        }
    }

    private static String describe(NitroDocument document) {
        StringBuilder text = new StringBuilder();
        for (int index : new int[] {0, 1, 2, 8}) {
            Bytes value = document.pcrs().get(index);
            if (value != null) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append("PCR")
                        .append(index)
                        .append('=')
                        .append(value.hex());
            }
        }
        return text.toString();
    }
}
