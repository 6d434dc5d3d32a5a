package io.ebridge.samples.benchmarks.kv;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The stores side by side in one process, in turns, by CPU time and by the clock: ratios that a busy machine disturbs little.
 * Arguments: number of rounds (21), milliseconds in each (60), stores ({@code plain,s0,s1,s2}), operations ({@code getHot,put}, or
 * {@code getAll50}, {@code scan}, {@code batch100}, {@code putSync}), and {@code embedded}, {@code remote} or {@code postgres}.
 * For {@code embedded} the CPU time of the calling thread counts, for the others that of the whole process, since both sides are in
 * it (but not the server of PostgreSQL). Ratios are medians of the ratios of each round.
 */
public final class KvCpu {
    private static final int WARM_ROUNDS = 6;

    private KvCpu() {}

    private interface Operation {
        void run(Measured measured) throws Exception;
    }

    private record Kind(int records, Operation operation) {}

    /** What one round of one store took for a record. */
    private record Took(double cpuMicros, double wallMicros, double bytes) {}

    /** Runs the comparison and prints medians. */
    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 21;
        long nanos = (arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60) * 1_000_000L;
        String names = arguments.length > 2 ? arguments[2] : "plain,s0,s1,s2";
        List<String> wanted = List.of((arguments.length > 3 ? arguments[3] : "getHot,put").split(","));
        String where = arguments.length > 4 ? arguments[4] : "embedded";
        LongSupplier clock = where.equals("embedded") ? KvCpu::threadNanos : KvCpu::processNanos;
        Map<String, Measured> stores = new LinkedHashMap<>();
        for (String store : names.split(",")) {
            stores.put(store, new Measured(store, where, Duration.ZERO));
        }
        System.out.printf("Java %s, %s; medians of %d rounds%n", System.getProperty("java.version"), where, rounds);
        for (Map.Entry<String, Kind> kind : kinds().entrySet()) {
            if (wanted.contains(kind.getKey())) {
                Map<String, Took[]> took = new LinkedHashMap<>();
                stores.keySet().forEach(store -> took.put(store, new Took[rounds]));
                for (int round = -WARM_ROUNDS; round < rounds; round++) {
                    for (Map.Entry<String, Measured> store : stores.entrySet()) {
                        Took one = round(clock, store.getValue(), kind.getValue(), nanos);
                        if (round >= 0) {
                            took.get(store.getKey())[round] = one;
                        }
                    }
                }
                print(kind.getKey(), took);
            }
        }
        for (Measured measured : stores.values()) {
            measured.close();
        }
    }

    /** Reads come first, while RocksDB is as it was left by the start. */
    private static Map<String, Kind> kinds() {
        Map<String, Kind> all = new LinkedHashMap<>();
        all.put("getHot", new Kind(1, m -> m.kv.get(m.anyKey())));
        all.put("getAll50", new Kind(50, m -> m.kv.getAll(m.someKeys(50))));
        all.put("scan", new Kind(Measured.RECORDS, m -> m.kv.scan()));
        all.put("put", new Kind(1, m -> m.kv.put(m.anyKey(), m.value, false)));
        all.put("batch100", new Kind(Measured.BATCH, m -> m.kv.batch(m.someKeys(Measured.BATCH), m.value)));
        all.put("putSync", new Kind(1, m -> m.kv.put(m.anyKey(), m.value, true)));
        return all;
    }

    private static void print(String name, Map<String, Took[]> took) {
        Took[] first = took.values().iterator().next();
        took.forEach((store, each) -> {
            double[] cpu = new double[each.length];
            double[] wall = new double[each.length];
            for (int i = 0; i < each.length; i++) {
                cpu[i] = first[i].cpuMicros() / each[i].cpuMicros();
                wall[i] = first[i].wallMicros() / each[i].wallMicros();
            }
            System.out.printf(
                    Locale.ROOT,
                    "%-8s %-5s  CPU %8.2f us, %.2f of the first (middle half %.2f to %.2f)   clock %9.2f us, %.2f   %6.0f B%n",
                    name,
                    store,
                    median(Arrays.stream(each).mapToDouble(Took::cpuMicros).toArray(), 2),
                    median(cpu, 2),
                    median(cpu, 1),
                    median(cpu, 3),
                    median(Arrays.stream(each).mapToDouble(Took::wallMicros).toArray(), 2),
                    median(wall, 2),
                    median(Arrays.stream(each).mapToDouble(Took::bytes).toArray(), 2));
        });
    }

    private static long threadNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long processNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static Took round(LongSupplier clock, Measured measured, Kind kind, long nanos) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = threads.getCurrentThreadAllocatedBytes();
        long wall = System.nanoTime();
        long cpu = clock.getAsLong();
        long records = 0;
        // Looks at the clock now and then only.
        int burst = Math.max(1, 64 / kind.records());
        do {
            for (int i = 0; i < burst; i++) {
                kind.operation().run(measured);
            }
            records += (long) burst * kind.records();
        } while (System.nanoTime() - wall < nanos);
        return new Took(
                (clock.getAsLong() - cpu) / 1000.0 / records,
                (System.nanoTime() - wall) / 1000.0 / records,
                (double) (threads.getCurrentThreadAllocatedBytes() - bytes) / records);
    }

    /** The first, second or third quartile. */
    private static double median(double[] values, int quartile) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.min(sorted.length - 1, sorted.length * quartile / 4)];
    }
}
