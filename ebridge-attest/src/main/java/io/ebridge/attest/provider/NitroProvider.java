package io.ebridge.attest.provider;

import io.ebridge.attest.Availability;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import java.util.Objects;

/**
 * Attestation documents inside an AWS Nitro Enclave, from the Nitro Secure Module.
 *
 * <p>Guaranteed: the request carries the 64 bytes of report data as {@code user_data}, the nonce as {@code nonce} and
 * SHA-256 of the SubjectPublicKeyInfo as {@code public_key}; what is absent is sent as null. Not guaranteed: that the
 * document verifies; give it to a verifier.
 *
 * <p>Needs Java 22 or later with {@link NsmDevice#kernel()}. Source: aws-nitro-enclaves-nsm-api, requests and responses
 * in CBOR; docs/attestation_process.md. Thread-safe.
 */
public final class NitroProvider implements EvidenceProvider {

    private final NsmDevice device;

    private NitroProvider(NsmDevice device) {
        this.device = device;
    }

    /**
     * The provider at {@code /dev/nsm}.
     *
     * @return the provider
     */
    public static NitroProvider create() {
        return of(NsmDevice.kernel());
    }

    /**
     * A provider at another device.
     *
     * @param device the device
     * @return the provider
     */
    public static NitroProvider of(NsmDevice device) {
        return new NitroProvider(Objects.requireNonNull(device, "device"));
    }

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.NITRO;
    }

    @Override
    public Availability available() {
        return device.available();
    }

    @Override
    public Evidence quote(EvidenceRequest request) throws EvidenceUnavailableException {
        return Evidence.of(
                EvidenceFormat.NITRO, NsmMessages.document(device.exchange(NsmMessages.attestation(request))));
    }
}
