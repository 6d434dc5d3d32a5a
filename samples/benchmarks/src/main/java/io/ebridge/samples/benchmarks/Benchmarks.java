package io.ebridge.samples.benchmarks;

import io.ebridge.samples.benchmarks.kv.KvCpu;
import io.ebridge.samples.benchmarks.relay.RelayBenchmark;
import java.util.Arrays;

/** {@code relay} compares relays as whole processes, {@code kv-cpu} sealed stores with plain ones by CPU time; anything else goes to JMH. */
public final class Benchmarks {
    private Benchmarks() {}

    /** Runs the benchmarks that the arguments name. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("relay")) {
            RelayBenchmark.main(Arrays.copyOfRange(arguments, 1, arguments.length));
        } else if (arguments.length > 0 && arguments[0].equals("kv-cpu")) {
            KvCpu.main(Arrays.copyOfRange(arguments, 1, arguments.length));
        } else {
            org.openjdk.jmh.Main.main(arguments);
        }
    }
}
