package io.ebridge.ratls.strict;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one side demands of the other: one policy for each format it accepts, and which configuration roots, any if none is named.
 */
public record Appraiser(
        Map<io.ebridge.attest.EvidenceFormat, AppraisalPolicy> policies,
        EvidenceVerifier verifier,
        Set<Bytes> configurationRoots,
        Bytes policyHash,
        RecentVerdicts recent) {

    public Appraiser {
        policies = Map.copyOf(policies);
        configurationRoots = Set.copyOf(configurationRoots);
    }

    public static Appraiser of(
            List<AppraisalPolicy> policies, EvidenceVerifier verifier, Set<Bytes> roots, Bytes hash) {
        Map<io.ebridge.attest.EvidenceFormat, AppraisalPolicy> map =
                new java.util.EnumMap<>(io.ebridge.attest.EvidenceFormat.class);
        for (AppraisalPolicy policy : policies) {
            if (policy.reportData().isPresent() || policy.nonce().isPresent()) {
                throw new IllegalArgumentException("the session determines report data and nonce, not the policy");
            }
            if (map.put(policy.format(), policy) != null) {
                throw new IllegalArgumentException("two policies for " + policy.format());
            }
        }
        return new Appraiser(map, verifier, roots, hash, new RecentVerdicts());
    }

    AttestationResult appraise(Answer answer, Challenge challenge, byte[] binding) throws AttestedTlsException {
        AppraisalPolicy policy = policies.get(answer.quote().evidence().format());
        if (policy == null) {
            throw new AttestedTlsException(
                    Reason.FORMAT_NOT_WANTED,
                    "evidence of format " + answer.quote().evidence().format());
        }
        if (!Challenge.sameService(answer.service(), challenge.service())) {
            throw new AttestedTlsException(
                    Reason.SERVICE_IDENTITY,
                    "the peer is " + printable(answer.service()) + ", not " + challenge.service());
        }
        if (!configurationRoots.isEmpty() && !configurationRoots.contains(answer.configurationRoot())) {
            throw new AttestedTlsException(
                    Reason.CONFIGURATION_ROOT, "the peer runs under configuration " + answer.configurationRoot());
        }
        try {
            return recent.verify(
                    verifier,
                    answer.quote().evidence(),
                    policy.withReportData(answer.quote().reportData(binding)));
        } catch (EvidenceRejectedException e) {
            throw new AttestedTlsException(Reason.EVIDENCE_REJECTED, String.valueOf(e.getMessage()), e);
        }
    }

    static String printable(String name) {
        return name.codePoints().allMatch(c -> c > 32 && c < 127) ? name : "a service with an unprintable name";
    }
}
