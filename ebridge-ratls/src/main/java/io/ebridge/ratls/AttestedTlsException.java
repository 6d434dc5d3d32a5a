package io.ebridge.ratls;

import java.util.Objects;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * An attested connection, certificate or configuration that was refused, and why.
 *
 * <p>It is an {@link SSLHandshakeException}, so that every TLS library handles it as a failed handshake. When evidence was rejected, the cause is the
 * verifier's {@link io.ebridge.attest.EvidenceRejectedException} with the exact check. Messages never hold evidence or keys.
 */
public final class AttestedTlsException extends SSLHandshakeException {

    private static final long serialVersionUID = 1L;

    /** Why it was refused. */
    public enum Reason {
        /** The verifier rejected the evidence; see the cause. This includes evidence bound to another session, key, nonce or configuration. */
        EVIDENCE_REJECTED,
        /** The peer's evidence is of a format that was not asked for. */
        FORMAT_NOT_WANTED,
        /** The peer is another service than the one expected, or it is not known which one to expect. */
        SERVICE_IDENTITY,
        /** The peer's configuration root is not among those allowed. */
        CONFIGURATION_ROOT,
        /** The peer's certificate is unusable: no key to bind to, outside its validity, or a broken chain. */
        CERTIFICATE,
        /** The peer does not speak the attestation protocol: it sent something else in its place. */
        NOT_ATTESTED,
        /** A message that does not parse. */
        MALFORMED,
        /** A message that parses but does not belong there: twice, reflected, or out of turn. */
        OUT_OF_TURN,
        /** A message, or evidence, or collateral beyond its limit. */
        TOO_LARGE,
        /** Application data before the verdict. */
        EARLY_DATA,
        /** The peer took longer than allowed. */
        TIMEOUT,
        /** The peer asked for evidence too often. */
        TOO_FREQUENT,
        /** The peer demands attestation of this side, which has no identity. */
        IDENTITY_REQUIRED,
        /** The peer refused this side's evidence, or gave up. */
        PEER_REFUSED,
        /** This side could not make evidence; see the cause. */
        EVIDENCE_UNAVAILABLE,
        /** Too many connections wait for evidence. */
        OVERLOADED,
        /** The TLS session is not of TLS 1.3, or was resumed. */
        SESSION,
        /** No TLS engine at hand can export keying material, so STRICT mode cannot work; the message says what is missing. */
        EXPORTER_UNAVAILABLE,
        /** The start-up self-test found that sessions could be resumed. */
        SELF_TEST,
        /** A manifest or inclusion proof does not lead to the root, or a value is not the one committed to. */
        CONFIGURATION_MISMATCH,
        /** A certificate does not follow the profile it should. */
        PROFILE
    }

    /** The reason. */
    private final Reason reason;

    /**
     * Creates it.
     *
     * @param reason why
     * @param detail for people
     */
    public AttestedTlsException(Reason reason, String detail) {
        this(reason, detail, null);
    }

    /**
     * Creates it with a cause.
     *
     * @param reason why
     * @param detail for people
     * @param cause what led to it
     */
    public AttestedTlsException(Reason reason, String detail, @Nullable Throwable cause) {
        super(reason + ": " + detail);
        this.reason = Objects.requireNonNull(reason, "reason");
        if (cause != null) {
            initCause(cause);
        }
    }

    /**
     * Why.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Finds it among the causes of an exception, for libraries that wrap what a handshake throws.
     *
     * @param thrown any exception
     * @return the first one in the chain of causes
     */
    public static java.util.Optional<AttestedTlsException> in(@Nullable Throwable thrown) {
        Throwable at = thrown;
        for (int depth = 0; at != null && depth < 32; depth++) {
            if (at instanceof AttestedTlsException found) {
                return java.util.Optional.of(found);
            }
            at = at.getCause();
        }
        return java.util.Optional.empty();
    }
}
