package io.ebridge.attest;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The attester's side: report data in, evidence out.
 *
 * <p>How report data maps onto a format: SGX, TDX and SNP sign the 64 bytes as their report data. A Nitro document carries
 * them as {@code user_data}, the nonce as {@code nonce} and SHA-256 of the SubjectPublicKeyInfo as {@code public_key}.
 * Where a format has no field for nonce or public key, the provider leaves them out, and the caller has hashed them into
 * the report data; the verifier then expects that report data.
 *
 * <p>Implementations are thread-safe and block the calling thread while the device answers.
 */
public interface EvidenceProvider {

    /**
     * The format that this provider makes.
     *
     * @return the format
     */
    EvidenceFormat format();

    /**
     * Whether evidence can be made here, and if not, why. Cheap enough to call at start-up; asks the device for nothing.
     *
     * @return whether it can be used, with the reason if not
     */
    Availability available();

    /**
     * Makes evidence.
     *
     * @param request what to bind it to
     * @return the evidence
     * @throws EvidenceUnavailableException if the device is absent, refuses, or answers with something that is not evidence
     */
    Evidence quote(EvidenceRequest request) throws EvidenceUnavailableException;

    /**
     * Makes evidence over report data and a nonce.
     *
     * @param reportData 64 bytes
     * @param nonce the verifier's nonce, or null for none
     * @return the evidence
     * @throws EvidenceUnavailableException as {@link #quote(EvidenceRequest)}
     * @throws IllegalArgumentException if a length is out of range
     */
    default Evidence quote(byte[] reportData, byte @Nullable [] nonce) throws EvidenceUnavailableException {
        return quote(new EvidenceRequest(
                Bytes.of(reportData), Optional.ofNullable(nonce).map(Bytes::of), Optional.empty()));
    }
}
