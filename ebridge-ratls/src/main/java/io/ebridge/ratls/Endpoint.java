package io.ebridge.ratls;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.ratls.certificate.CertificateProfile;
import io.ebridge.ratls.strict.Appraiser;
import io.ebridge.ratls.strict.StrictSession;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What both roles can set. */
abstract sealed class Endpoint<B extends Endpoint<B>> permits AttestedClient, AttestedServer {

    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
    static final Duration DEFAULT_RENEWAL = Duration.ofMinutes(10);

    final List<AppraisalPolicy> policies = new ArrayList<>();
    final Set<Bytes> roots = new LinkedHashSet<>();

    @Nullable EvidenceVerifier verifier;

    TlsProvider provider = TlsProvider.AUTO;
    Duration timeout = DEFAULT_TIMEOUT;
    Duration renewal = DEFAULT_RENEWAL;
    InstantSource clock = InstantSource.system();
    final SecureRandom random = new SecureRandom();

    String arc = CertificateProfile.DEFAULT_ARC;

    abstract B self();

    B setArc(String value) {
        // Refuses what is none.
        CertificateProfile.ebridge(value);
        arc = value;
        return self();
    }

    B setVerifier(EvidenceVerifier value) {
        verifier = Objects.requireNonNull(value, "value");
        return self();
    }

    B setTimeout(Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("time-out " + value + "; more than zero, at most a minute");
        }
        timeout = value;
        return self();
    }

    B setRenewal(Duration value) {
        if (value.compareTo(Duration.ofSeconds(2)) < 0) {
            throw new IllegalArgumentException("renewal every " + value + "; at least 2 s");
        }
        renewal = value;
        return self();
    }

    @Nullable Appraiser appraiser() {
        if (policies.isEmpty()) {
            return null;
        }
        EvidenceVerifier by = verifier;
        if (by == null) {
            by = EvidenceVerifier.builder().clock(clock).build();
        }
        return Appraiser.of(policies, by, roots, policyHash());
    }

    /** Opaque to the peer: it only has to differ when the policy does. */
    private Bytes policyHash() {
        StringBuilder text = new StringBuilder("ebridge-ratls policy");
        policies.forEach(policy -> text.append('\n').append(policy.toJson()));
        roots.forEach(root -> text.append('\n').append(root));
        return Bytes.of(text.toString().getBytes(StandardCharsets.UTF_8)).sha256();
    }

    StrictSession.Timing timing() {
        return new StrictSession.Timing(timeout, renewal);
    }
}
