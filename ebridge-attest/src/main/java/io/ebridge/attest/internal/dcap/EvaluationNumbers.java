package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonValue;
import io.ebridge.attest.json.JsonValue.ObjectValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The TCB recoveries that Intel has documents for (PCS API version 4, TCB evaluation data numbers version 1).
 *
 * @param id {@code SGX} or {@code TDX}
 * @param window issue date to next update
 * @param numbers the recoveries
 */
record EvaluationNumbers(String id, ValidityWindow window, List<Recovery> numbers) {

    /** One recovery: its number, when it was made public, and the {@code tcbDate} of what is current by it. */
    record Recovery(int number, Instant eventDate, Instant tcbDate) {}

    static EvaluationNumbers parse(SignedDocument document) throws EvidenceRejectedException {
        ObjectValue body = document.body();
        try {
            String id = body.require("id").asString();
            if (!id.equals(TcbInfo.SGX) && !id.equals(TcbInfo.TDX)) {
                throw new JsonException("expected the id SGX or TDX", body.start());
            }
            body.require("version").asInt(1, 1);
            List<Recovery> numbers = new ArrayList<>();
            for (JsonValue element : body.require("tcbEvalNumbers").asArray()) {
                ObjectValue recovery = element.asObject();
                numbers.add(new Recovery(
                        recovery.require("tcbEvaluationDataNumber").asInt(0, Integer.MAX_VALUE),
                        JsonFields.instant(recovery.require("tcbRecoveryEventDate")),
                        JsonFields.instant(recovery.require("tcbDate"))));
            }
            return new EvaluationNumbers(id, document.window(), List.copyOf(numbers));
        } catch (JsonException e) {
            throw new EvidenceRejectedException(
                    document.kind().malformed, "the " + document.kind().title + " do not parse: " + e.getMessage(), e);
        }
    }
}
