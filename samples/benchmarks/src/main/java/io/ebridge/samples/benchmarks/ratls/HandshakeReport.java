package io.ebridge.samples.benchmarks.ratls;

import java.io.PrintStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** Sets attested handshakes beside plain ones of the same TLS implementation, of one run of {@link HandshakeBenchmark}. */
public final class HandshakeReport {

    private record Row(
            String kind,
            String provider,
            String connections,
            String quoteMillis,
            double rate,
            double cpu,
            double quotes) {

        static Row of(RunResult result) {
            Map<String, ?> more = result.getSecondaryResults();
            double completed = score(more, "completed");
            return new Row(
                    result.getParams().getParam("kind"),
                    result.getParams().getParam("provider"),
                    result.getParams().getParam("connections"),
                    result.getParams().getParam("quoteMillis"),
                    score(more, "handshakes"),
                    score(more, "cpuMicros") / completed,
                    score(more, "quoteMicros") / completed);
        }

        private static double score(Map<String, ?> results, String name) {
            return results.get(name) instanceof Result<?> result ? result.getScore() : Double.NaN;
        }

        /** Plain TLS knows no quotes: one row serves them all. */
        String group() {
            return provider + " " + connections;
        }
    }

    private HandshakeReport() {}

    /** Prints the comparison if the run has anything to compare. */
    public static void print(Collection<RunResult> results, PrintStream out) {
        List<Row> rows = results.stream()
                .filter(result ->
                        result.getParams().getBenchmark().equals(HandshakeBenchmark.class.getName() + ".handshakes"))
                .map(Row::of)
                .toList();
        if (rows.isEmpty()) {
            return;
        }
        Map<String, Row> plain = new HashMap<>();
        rows.stream().filter(row -> row.kind.equals("PLAIN")).forEach(row -> plain.putIfAbsent(row.group(), row));
        out.printf(
                "%nJava %s. CPU in microseconds for each handshake, both sides; the last but one without the making of quotes, the last of plain by that.%n",
                Runtime.version());
        out.println(
                "provider   connections quote ms kind         handshakes/s  of plain      CPU  of quotes  without  of plain");
        for (Row row : rows) {
            Row base = plain.get(row.group());
            double without = row.cpu - row.quotes;
            out.printf(
                    "%-10s %11s %8s %-12s %12.0f  %8.2f %8.0f  %9.0f %8.0f  %8.2f%n",
                    row.provider,
                    row.connections,
                    row.quoteMillis,
                    row.kind,
                    row.rate,
                    base == null ? Double.NaN : row.rate / base.rate,
                    row.cpu,
                    row.quotes,
                    without,
                    base == null ? Double.NaN : base.cpu / without);
        }
    }
}
