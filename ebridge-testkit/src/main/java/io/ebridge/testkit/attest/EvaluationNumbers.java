package io.ebridge.testkit.attest;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/** Intel's TCB evaluation data numbers before they are written as JSON (Intel PCS API version 4). */
final class EvaluationNumbers {
    final String id;
    Instant issueDate;
    Instant nextUpdate;
    private final int latest;

    EvaluationNumbers(String id, Instant issueDate, Instant nextUpdate, int latest) {
        this.id = id;
        this.issueDate = issueDate;
        this.nextUpdate = nextUpdate;
        this.latest = latest;
    }

    String json() {
        Instant day = issueDate.truncatedTo(java.time.temporal.ChronoUnit.DAYS);
        List<String> numbers = IntStream.range(0, 3)
                .filter(i -> latest - i > 0)
                .mapToObj(i -> new Json()
                        .number("tcbEvaluationDataNumber", latest - i)
                        .time("tcbRecoveryEventDate", day.minus(java.time.Duration.ofDays(181 + 180L * i)))
                        .time("tcbDate", day.minus(java.time.Duration.ofDays(180 + 180L * i)))
                        .toString())
                .toList();
        return new Json()
                .text("id", id)
                .number("version", 1)
                .time("issueDate", issueDate)
                .time("nextUpdate", nextUpdate)
                .array("tcbEvalNumbers", numbers)
                .toString();
    }
}
