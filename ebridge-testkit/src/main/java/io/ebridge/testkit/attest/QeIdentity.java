package io.ebridge.testkit.attest;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Intel's identity of a quoting enclave, version 2, before it is written as JSON (Intel PCS API version 4, "Get QE Identity"). */
final class QeIdentity {
    String id;
    int version = 2;
    Instant issueDate;
    Instant nextUpdate;
    int evaluationNumber;
    String miscselect = "00000000";
    String miscselectMask = "FFFFFFFF";
    String attributes = "11000000000000000000000000000000";
    String attributesMask = "FBFFFFFFFFFFFFFF0000000000000000";
    String mrsigner;
    int isvprodid;
    final List<TcbInfo.SvnLevel> levels = new ArrayList<>();

    QeIdentity(String id, Instant issueDate, Instant nextUpdate, int evaluationNumber, String mrsigner, int isvprodid) {
        this.id = id;
        this.issueDate = issueDate;
        this.nextUpdate = nextUpdate;
        this.evaluationNumber = evaluationNumber;
        this.mrsigner = mrsigner;
        this.isvprodid = isvprodid;
    }

    String json() {
        return new Json()
                .text("id", id)
                .number("version", version)
                .time("issueDate", issueDate)
                .time("nextUpdate", nextUpdate)
                .number("tcbEvaluationDataNumber", evaluationNumber)
                .text("miscselect", miscselect)
                .text("miscselectMask", miscselectMask)
                .text("attributes", attributes)
                .text("attributesMask", attributesMask)
                .text("mrsigner", mrsigner)
                .number("isvprodid", isvprodid)
                .array("tcbLevels", levels.stream().map(TcbInfo.SvnLevel::json).toList())
                .toString();
    }
}
