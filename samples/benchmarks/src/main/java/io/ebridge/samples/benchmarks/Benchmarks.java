package io.ebridge.samples.benchmarks;

import io.ebridge.samples.benchmarks.attest.VerifierReport;
import io.ebridge.samples.benchmarks.kv.KvCpu;
import io.ebridge.samples.benchmarks.ratls.HandshakeReport;
import io.ebridge.samples.benchmarks.relay.RelayBenchmark;
import java.util.Arrays;
import java.util.Collection;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/** {@code relay} compares relays as whole processes, {@code kv-cpu} sealed stores with plain ones by CPU time; anything else goes to JMH. Benchmarks of the verifier and of handshakes get a
 * comparison at the end. */
public final class Benchmarks {
    private Benchmarks() {}

    /** Runs the benchmarks that the arguments name. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("relay")) {
            RelayBenchmark.main(Arrays.copyOfRange(arguments, 1, arguments.length));
        } else if (arguments.length > 0 && arguments[0].equals("kv-cpu")) {
            KvCpu.main(Arrays.copyOfRange(arguments, 1, arguments.length));
        } else {
            CommandLineOptions options = new CommandLineOptions(arguments);
            if (options.shouldHelp()
                    || options.shouldList()
                    || options.shouldListWithParams()
                    || options.shouldListProfilers()
                    || options.shouldListResultFormats()) {
                org.openjdk.jmh.Main.main(arguments);
            } else {
                Collection<RunResult> results = new Runner(options).run();
                VerifierReport.print(results, System.out);
                HandshakeReport.print(results, System.out);
            }
        }
    }
}
