package io.ebridge.ratls.tls;

import io.ebridge.ratls.strict.Appraiser;
import io.ebridge.ratls.strict.Role;
import io.ebridge.ratls.strict.StrictSession;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of one context have in common.
 *
 * @param strict false for CERTIFICATE mode, in which the chain itself carries the evidence
 * @param certificates judges chains: by their evidence in CERTIFICATE mode, by CAs where the peer does not attest; null where trust rests on STRICT alone
 * @param service whom the peer must be; if null, the host that is dialled
 * @param anyService whether a certificate may name whom it likes, in CERTIFICATE mode
 */
public record Settings(
        Role role,
        TlsStack stack,
        boolean strict,
        @Nullable Appraiser appraiser,
        @Nullable CertificateJudge certificates,
        @Nullable Identity identity,
        @Nullable String service,
        boolean anyService,
        StrictSession.Timing timing,
        InstantSource clock,
        SecureRandom random) {

    public boolean mutual() {
        return role == Role.SERVER && (appraiser != null || certificates != null);
    }
}
