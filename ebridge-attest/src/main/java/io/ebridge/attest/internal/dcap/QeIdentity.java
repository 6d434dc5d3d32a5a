package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonValue.ObjectValue;

/**
 * What Intel says of a quoting enclave (PCS API version 4, enclave identity version 2).
 *
 * @param id {@code QE}, {@code TD_QE}, {@code QVE} …
 * @param window issue date to next update
 * @param evaluationDataNumber of which TCB recovery
 * @param miscSelect 4 bytes in the report's order
 * @param miscSelectMask 4 bytes in the report's order
 * @param attributes 16 bytes
 * @param attributesMask 16 bytes
 * @param mrSigner 32 bytes
 * @param isvProdId the product
 * @param levels states by version
 */
record QeIdentity(
        String id,
        ValidityWindow window,
        int evaluationDataNumber,
        Bytes miscSelect,
        Bytes miscSelectMask,
        Bytes attributes,
        Bytes attributesMask,
        Bytes mrSigner,
        int isvProdId,
        IsvLevels levels) {

    static QeIdentity parse(SignedDocument document) throws EvidenceRejectedException {
        ObjectValue body = document.body();
        try {
            int version = body.require("version").asInt(0, Integer.MAX_VALUE);
            if (version != 2) {
                throw new EvidenceRejectedException(
                        document.kind().version, "QE identity of version " + version + "; 2 is supported");
            }
            return new QeIdentity(
                    JsonFields.text(body.require("id")),
                    document.window(),
                    body.require("tcbEvaluationDataNumber").asInt(0, Integer.MAX_VALUE),
                    JsonFields.hex(body.require("miscselect"), 4),
                    JsonFields.hex(body.require("miscselectMask"), 4),
                    JsonFields.hex(body.require("attributes"), 16),
                    JsonFields.hex(body.require("attributesMask"), 16),
                    JsonFields.hex(body.require("mrsigner"), 32),
                    body.require("isvprodid").asInt(0, 0xFFFF),
                    IsvLevels.parse(body.require("tcbLevels")));
        } catch (JsonException e) {
            throw new EvidenceRejectedException(
                    document.kind().malformed, "the QE identity does not parse: " + e.getMessage(), e);
        }
    }

    /** Whether a value agrees with the expected one wherever the mask has a bit. */
    static boolean matches(Bytes value, Bytes mask, Bytes expected) {
        int difference = 0;
        for (int i = 0; i < value.length(); i++) {
            difference |= (value.at(i) & mask.at(i)) ^ expected.at(i);
        }
        return difference == 0;
    }
}
