package io.ebridge.samples.benchmarks.kv;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The stores side by side in one process, in turns, by the CPU time of the calling thread: ratios that a busy machine disturbs little.
 * Arguments: number of rounds (21), operations in each (10,000), stores ({@code plain,s0,s1,s2}), operations ({@code put,getHot}), and
 * {@code embedded}, {@code remote} or {@code postgres}. Of all but {@code embedded} the CPU time of the whole process counts, since
 * both sides are in it.
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
        String names = arguments.length > 2 ? arguments[2] : "plain,s0,s1,s2";
        List<String> wanted = List.of((arguments.length > 3 ? arguments[3] : "put,getHot").split(","));
        String where = arguments.length > 4 ? arguments[4] : "embedded";
        LongSupplier clock = where.equals("embedded") ? KvCpu::threadNanos : KvCpu::processNanos;
        Map<String, Measured> stores = new LinkedHashMap<>();
        for (String store : names.split(",")) {
            stores.put(store, new Measured(store, where, Measured.RECORDS));
        }
        Map<String, Operation> all = new LinkedHashMap<>();
        all.put("put", m -> m.kv.put(m.anyKey(), m.value, false));
        all.put("getHot", m -> m.kv.get(m.anyKey()));
        all.put("batch100", m -> m.kv.batch(m.someKeys(Measured.BATCH), m.value));
        all.put("getAll50", m -> m.kv.getAll(m.someKeys(50)));
        all.put("scan", m -> m.kv.scan());
        all.keySet().retainAll(wanted);
        for (Map.Entry<String, Operation> operation : all.entrySet()) {
            Map<String, double[]> micros = new LinkedHashMap<>();
            stores.keySet().forEach(store -> micros.put(store, new double[rounds]));
            for (int round = -3; round < rounds; round++) {
                for (Map.Entry<String, Measured> store : stores.entrySet()) {
                    double took = micros(clock, store.getValue(), operation.getValue(), operations);
                    if (round >= 0) {
                        micros.get(store.getKey())[round] = took;
                    }
                }
            }
            double plain = median(micros.values().iterator().next());
            micros.forEach((store, each) -> System.out.printf(
                    Locale.ROOT,
                    "%-8s %-6s %8.2f us CPU  %.2f of the first%n",
                    operation.getKey(),
                    store,
                    median(each),
                    plain / median(each)));
        }
        for (Measured measured : stores.values()) {
            measured.close();
        }
    }

    private static long threadNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long processNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static double micros(LongSupplier clock, Measured measured, Operation operation, int operations)
            throws Exception {
        long began = clock.getAsLong();
        for (int i = 0; i < operations; i++) {
            operation.run(measured);
        }
        return (clock.getAsLong() - began) / 1000.0 / operations;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
