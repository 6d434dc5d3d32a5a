package io.ebridge.samples.benchmarks.kv;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The stores side by side in one process, in turns, by the CPU time of the calling thread: ratios that a busy machine disturbs little.
 * Arguments: number of rounds (21) and operations in each (10,000).
 */
public final class KvCpu {
    private KvCpu() {}

    private interface Operation {
        void run(Measured measured) throws Exception;
    }

    /** Runs the comparison and prints medians. */
    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 21;
        int operations = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
        Map<String, Measured> stores = new LinkedHashMap<>();
        for (String store : new String[] {"plain", "s0", "s1", "s2"}) {
            stores.put(store, new Measured(store, "embedded", Measured.RECORDS));
        }
        Map<String, Operation> all = new LinkedHashMap<>();
        all.put("put", m -> m.kv.put(m.anyKey(), m.value, false));
        all.put("getHot", m -> m.kv.get(m.anyKey()));
        for (Map.Entry<String, Operation> operation : all.entrySet()) {
            Map<String, double[]> micros = new LinkedHashMap<>();
            stores.keySet().forEach(store -> micros.put(store, new double[rounds]));
            for (int round = -3; round < rounds; round++) {
                for (Map.Entry<String, Measured> store : stores.entrySet()) {
                    double took = micros(store.getValue(), operation.getValue(), operations);
                    if (round >= 0) {
                        micros.get(store.getKey())[round] = took;
                    }
                }
            }
            double plain = median(micros.get("plain"));
            micros.forEach((store, each) -> System.out.printf(
                    Locale.ROOT,
                    "%-8s %-6s %6.2f us CPU  %.2f of plain%n",
                    operation.getKey(),
                    store,
                    median(each),
                    plain / median(each)));
        }
        for (Measured measured : stores.values()) {
            measured.close();
        }
    }

    private static double micros(Measured measured, Operation operation, int operations) throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long began = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < operations; i++) {
            operation.run(measured);
        }
        return (threads.getCurrentThreadCpuTime() - began) / 1000.0 / operations;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
