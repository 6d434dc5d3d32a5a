package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonReader;
import io.ebridge.attest.json.JsonValue;
import io.ebridge.attest.json.JsonValue.ObjectValue;

/**
 * One signed document: {@code { "<name>": { … }, "signature": "<r s in hex>" }}, these two members and no other. The signature
 * covers the bytes of the inner object exactly as received, so they are never written again.
 *
 * @param kind which document
 * @param body the inner object
 * @param signed the inner object's received bytes
 * @param signature r and s, 64 bytes
 * @param window issue date to next update
 */
record SignedDocument(DocumentKind kind, ObjectValue body, byte[] signed, byte[] signature, ValidityWindow window) {

    static SignedDocument parse(DocumentKind kind, Bytes piece) throws EvidenceRejectedException {
        return parse(kind, piece.toByteArray());
    }

    static SignedDocument parse(DocumentKind kind, byte[] json) throws EvidenceRejectedException {
        try {
            ObjectValue outer = JsonReader.read(json).asObject();
            ObjectValue body = outer.require(kind.member).asObject();
            JsonValue signature = outer.require("signature");
            if (outer.members().size() != 2) {
                throw new EvidenceRejectedException(
                        kind.malformed, "the " + kind.title + " has members beside its body and its signature");
            }
            Bytes rs = JsonFields.hex(signature, 64);
            ValidityWindow window = new ValidityWindow(
                    JsonFields.instant(body.require("issueDate")), JsonFields.instant(body.require("nextUpdate")));
            return new SignedDocument(kind, body, body.bytes(json), rs.toByteArray(), window);
        } catch (JsonException e) {
            throw new EvidenceRejectedException(
                    kind.malformed, "the " + kind.title + " does not parse: " + e.getMessage(), e);
        }
    }
}
