package io.ebridge.attest;

import org.jspecify.annotations.Nullable;

/** What can go wrong with attestation. Each kind carries a machine-readable reason. */
public abstract sealed class AttestationException extends Exception
        permits EvidenceRejectedException,
                EvidenceUnavailableException,
                CollateralUnavailableException,
                PolicyFormatException {

    private static final long serialVersionUID = 1L;

    AttestationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
