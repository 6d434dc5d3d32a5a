package io.ebridge.attest.provider;

import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import io.ebridge.attest.cbor.CborException;
import io.ebridge.attest.cbor.CborReader;
import io.ebridge.attest.cbor.CborType;
import io.ebridge.attest.cbor.CborWriter;

/**
 * Requests and responses of the Nitro Secure Module. Source: aws-nitro-enclaves-nsm-api, src/api: enums in CBOR as maps of
 * one pair, the variant's name first.
 */
final class NsmMessages {

    private static final int MAX_TEXT = 64;

    private NsmMessages() {}

    /** The request {@code Attestation}; fields that are absent are null. */
    static byte[] attestation(EvidenceRequest request) {
        CborWriter out = new CborWriter().map(1).text("Attestation").map(3);
        out.text("user_data").bytes(request.reportData().toByteArray());
        out.text("nonce");
        request.nonce().ifPresentOrElse(nonce -> out.bytes(nonce.toByteArray()), out::nullItem);
        out.text("public_key");
        request.publicKeySha256().ifPresentOrElse(hash -> out.bytes(hash.toByteArray()), out::nullItem);
        return out.toByteArray();
    }

    /** The document in a response, or what the module says instead. */
    static byte[] document(byte[] response) throws EvidenceUnavailableException {
        try {
            return read(CborReader.of(response));
        } catch (CborException e) {
            throw new EvidenceUnavailableException(
                    Reason.BAD_ANSWER, "the Nitro Secure Module answered with something unexpected", e);
        }
    }

    private static byte[] read(CborReader in) throws CborException, EvidenceUnavailableException {
        if (in.peek() != CborType.MAP || in.openMap(1) != 1) {
            throw unexpected("no map of one pair");
        }
        String variant = in.readText(MAX_TEXT);
        if (variant.equals("Error")) {
            String error = in.readText(MAX_TEXT);
            in.end();
            throw new EvidenceUnavailableException(
                    Reason.DEVICE_REFUSED, "the Nitro Secure Module says " + error.replaceAll("[^A-Za-z]", "?"), null);
        }
        if (!variant.equals("Attestation")) {
            throw unexpected("another response than was asked for");
        }
        if (in.openMap(1) != 1 || !in.readText(MAX_TEXT).equals("document")) {
            throw unexpected("no document");
        }
        byte[] document = in.readBytes(NsmDevice.MAX_RESPONSE);
        in.end();
        if (document.length == 0) {
            throw unexpected("an empty document");
        }
        return document;
    }

    private static EvidenceUnavailableException unexpected(String what) {
        return new EvidenceUnavailableException(
                Reason.BAD_ANSWER, "the Nitro Secure Module answered with " + what, null);
    }
}
