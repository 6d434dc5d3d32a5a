package io.ebridge.ratls;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Evidence;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/**
 * What was verified of the peer of a connection, last.
 *
 * @param mode how its evidence was bound
 * @param service the service it is, as its evidence binds it (STRICT) or its certificate names it (CERTIFICATE)
 * @param configurationRoot the root of its configuration; in CERTIFICATE mode, what its certificate claims, if anything
 * @param evidence the evidence
 * @param result what the verifier found
 * @param certificate the certificate of its end of the connection
 * @param verifiedAt when the verdict fell; in CERTIFICATE mode up to a second before, since connections that show one certificate share it
 */
public record AttestedPeer(
        Mode mode,
        String service,
        Optional<Bytes> configurationRoot,
        Evidence evidence,
        AttestationResult result,
        X509Certificate certificate,
        Instant verifiedAt) {

    /** The name under which it is found among a session's values. */
    public static final String SESSION_VALUE = "io.ebridge.ratls.peer";

    /** How evidence is bound. */
    public enum Mode {
        /** To the TLS session itself. */
        STRICT,
        /** To the certificate's key only: it can be relayed by whoever holds that key. */
        CERTIFICATE
    }

    /**
     * Checks the parts.
     *
     * @param mode how its evidence was bound
     * @param service the service it is, as its evidence binds it (STRICT) or its certificate names it (CERTIFICATE)
     * @param configurationRoot the root of its configuration; in CERTIFICATE mode, what its certificate claims, if anything
     * @param evidence the evidence
     * @param result what the verifier found
     * @param certificate the certificate of its end of the connection
     * @param verifiedAt when the verdict fell; in CERTIFICATE mode up to a second before, since connections that show one certificate share it
     */
    public AttestedPeer {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(service, "service");
        Objects.requireNonNull(result, "result");
    }

    /**
     * Finds the verdict of a session.
     *
     * @param session of a connection made by this library's contexts; wrapped by other libraries it still works if they pass on its values
     * @return the last verdict; empty before there is one, and for a peer of which no evidence was demanded
     */
    public static Optional<AttestedPeer> of(SSLSession session) {
        return session.getValue(SESSION_VALUE) instanceof AttestedPeer peer ? Optional.of(peer) : Optional.empty();
    }

    @Override
    public String toString() {
        return "AttestedPeer[" + mode + ", " + service + ", " + result.format() + ", verified at " + verifiedAt + "]";
    }
}
