package io.ebridge.samples.benchmarks.attest;

import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.crypto.Signatures;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** Compares {@link VerifierBenchmark} with {@link PrimitiveBenchmark}, and both with {@code openssl speed}, all of one run. */
public final class VerifierReport {
    private static final List<String> OPENSSL =
            List.of("openssl", "speed", "-seconds", "1", "ecdsap256", "ecdsap384", "rsa4096");
    private static final int OPENSSL_SECONDS = 60;

    /** How many signatures of each kind a verification needs: warm what each piece of evidence brings, cold everything behind it, the root's own included. */
    private record Needs(int p256, int p384, int rsa4096) {
        static Needs of(EvidenceFormat format, boolean warm) {
            return switch (format) {
                case SGX, TDX -> new Needs(warm ? 2 : 10, 0, 0);
                case NITRO -> new Needs(0, warm ? 1 : 6, 0);
                case SNP -> new Needs(0, 1, warm ? 0 : 4);
            };
        }

        double cost(Map<String, Result<?>> primitives, String primitive) {
            return part(p256, "P256", primitives, primitive)
                    + part(p384, "P384", primitives, primitive)
                    + part(rsa4096, "RSA4096", primitives, primitive);
        }

        private static double part(int count, String key, Map<String, Result<?>> primitives, String primitive) {
            if (count == 0) {
                return 0;
            }
            Result<?> one = primitives.get(primitive + key);
            return one == null ? Double.NaN : count * one.getScore();
        }

        @Override
        public String toString() {
            String curves = p256 > 0 ? p256 + " P-256" : p384 + " P-384";
            return rsa4096 > 0 ? curves + ", " + rsa4096 + " RSA-4096" : curves;
        }
    }

    private VerifierReport() {}

    /** Prints the comparison if the run has anything to compare; costs a few seconds for {@code openssl speed}. */
    public static void print(Collection<RunResult> results, PrintStream out) throws IOException, InterruptedException {
        Map<String, Result<?>> primitives = new LinkedHashMap<>();
        for (RunResult result : results) {
            if (is(result, PrimitiveBenchmark.class)) {
                primitives.put(
                        parameter(result, "provider") + name(result) + parameter(result, "key"),
                        result.getPrimaryResult());
            }
        }
        List<RunResult> verifications =
                results.stream().filter(r -> is(r, VerifierBenchmark.class)).toList();
        if (primitives.isEmpty() && verifications.isEmpty()) {
            return;
        }
        out.printf(
                "%nJava %s. Chosen where no provider is named: %s%n",
                Runtime.version(), Signatures.best().description());
        if (!verifications.isEmpty()) {
            out.printf(
                    "%-6s %-13s %-6s %12s %8s  %-20s %12s %7s%n",
                    "format", "provider", "", "µs", "± %", "signatures", "they take µs", "ratio");
        }
        TreeSet<String> lines = new TreeSet<>();
        for (RunResult result : verifications) {
            EvidenceFormat format = EvidenceFormat.valueOf(parameter(result, "format"));
            String name = name(result);
            Needs needs = Needs.of(format, name.equals("warm"));
            Result<?> measured = result.getPrimaryResult();
            String primitive = name.equals("unseen") ? "verifyNewKey" : "verify";
            double floor = needs.cost(primitives, parameter(result, "provider") + primitive);
            lines.add(String.format(
                    "%-6s %-13s %-6s %12.1f %8.1f  %-20s %12.1f %7.2f",
                    format,
                    parameter(result, "provider"),
                    name,
                    measured.getScore(),
                    100 * measured.getScoreError() / measured.getScore(),
                    needs,
                    floor,
                    measured.getScore() / floor));
        }
        lines.forEach(out::println);
        primitives.forEach((name, result) -> out.printf(
                "%-33s %12.1f µs ± %.1f %%  %10.0f/s%n",
                name.replaceAll("(verify\\w*?)(P\\d+|RSA\\d+)$", " $1 $2"),
                result.getScore(),
                100 * result.getScoreError() / result.getScore(),
                1_000_000 / result.getScore()));
        openssl(out);
    }

    private static void openssl(PrintStream out) throws IOException, InterruptedException {
        Process speed;
        try {
            speed = new ProcessBuilder(OPENSSL)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            out.println("openssl speed is not at hand: " + e.getMessage());
            return;
        }
        out.println(String.join(" ", OPENSSL));
        try (var answer = speed.inputReader()) {
            answer.lines()
                    .filter(line -> line.contains("verify") || line.contains(" bits "))
                    .forEach(out::println);
        }
        if (!speed.waitFor(OPENSSL_SECONDS, TimeUnit.SECONDS)) {
            speed.destroyForcibly();
        }
    }

    private static boolean is(RunResult result, Class<?> benchmark) {
        return result.getParams().getBenchmark().startsWith(benchmark.getName() + ".");
    }

    private static String name(RunResult result) {
        String benchmark = result.getParams().getBenchmark();
        return benchmark.substring(benchmark.lastIndexOf('.') + 1);
    }

    private static String parameter(RunResult result, String name) {
        return result.getParams().getParam(name);
    }
}
