package io.ebridge.samples.benchmarks.relay;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Relay pairs side by side: bulk throughput, round trips, new connections, processor time, and replies that come after the client has ended its sending. All run in
 * turn in every round, so that a machine whose speed drifts treats them alike; medians over the rounds.
 */
public final class RelayBenchmark {
    private static final String[] COLUMNS = {
        "bulk 1 GB/s", "bulk 16 GB/s", "CPU-s/GB 1", "CPU-s/GB 16", "p50 us", "p99 us", "conn/s", "CPU ms/conn"
    };

    private RelayBenchmark() {}

    /**
     * Options: {@code --rounds N} (default 5), {@code --seconds N} for each window (default 3), {@code --only NAMES} for ebridge
     * beside some peers, with commas ({@code --only "haproxy copy,nginx 256k"}).
     */
    public static void main(String[] arguments) throws Exception {
        int rounds = option(arguments, "--rounds", 5);
        Duration window = Duration.ofSeconds(option(arguments, "--seconds", 3));
        Path directory = Files.createTempDirectory("relays");
        try (LoadServer server = new LoadServer();
                Relays relays = new Relays(directory, server.port())) {
            List<Relays.Relay> all = start(relays, only(arguments));
            System.out.printf(Locale.ROOT, "connections per second in each of the first 4 s after start:%n");
            for (Relays.Relay relay : all) {
                System.out.printf(Locale.ROOT, "  %-16s", relay.name());
                for (int second = 0; second < 4; second++) {
                    System.out.printf(Locale.ROOT, " %8.0f", Load.connections(relay.port(), 16, Duration.ofSeconds(1)));
                }
                System.out.println();
            }
            // Warm: the JIT compilers on both sides of the measurement have settled. Bulk makes few calls, each of them
            // long, so it takes longer.
            for (Relays.Relay relay : all) {
                int factor = relay.name().equals("ebridge") ? 5 : 1;
                Load.connections(relay.port(), 16, Duration.ofSeconds(4L * factor));
                Load.pingPong(relay.port(), Duration.ofSeconds(factor));
                Load.bulk(server, relay.port(), 1, Duration.ZERO, Duration.ofSeconds(2L * factor));
                Load.bulk(server, relay.port(), 16, Duration.ZERO, Duration.ofSeconds(factor));
            }
            Map<String, List<double[]>> results = new LinkedHashMap<>();
            for (int round = 1; round <= rounds; round++) {
                for (Relays.Relay relay : all) {
                    double[] row = measure(server, relay, window);
                    results.computeIfAbsent(relay.name(), name -> new ArrayList<>())
                            .add(row);
                    print("round " + round + " " + relay.name(), row);
                }
            }
            report(results);
            System.out.println("late 16 MB reply to 20 slow clients that have ended their sending, complete:");
            for (Relays.Relay relay : all) {
                System.out.printf(Locale.ROOT, "  %-16s %d of 20%n", relay.name(), Load.lateReplies(relay.port(), 20));
            }
        }
    }

    /** Whether a peer is wanted. */
    private static Predicate<String> only(String[] arguments) {
        for (int i = 0; i + 1 < arguments.length; i++) {
            if (arguments[i].equals("--only")) {
                return List.of(arguments[i + 1].split(","))::contains;
            }
        }
        return name -> true;
    }

    private interface Start {
        Relays.Relay run() throws Exception;
    }

    private static List<Relays.Relay> start(Relays relays, Predicate<String> wanted) throws Exception {
        Map<String, Start> peers = new LinkedHashMap<>();
        peers.put("haproxy copy", () -> relays.haproxy(false));
        peers.put("haproxy splice", () -> relays.haproxy(true));
        peers.put("nginx 256k", () -> relays.nginx("256k"));
        peers.put("nginx 16k", () -> relays.nginx("16k"));
        peers.put("socat", relays::socat);
        List<Relays.Relay> all = new ArrayList<>();
        if (wanted.test("direct TCP")) {
            all.add(relays.direct());
        }
        all.add(relays.ebridge());
        for (Map.Entry<String, Start> peer : peers.entrySet()) {
            if (!wanted.test(peer.getKey())) {
                continue;
            }
            if (Relays.installed(peer.getKey().split(" ")[0])) {
                all.add(peer.getValue().run());
            } else {
                System.out.println(peer.getKey() + " is not installed");
            }
        }
        return all;
    }

    private static double[] measure(LoadServer server, Relays.Relay relay, Duration window) throws Exception {
        double[] row = new double[COLUMNS.length];
        int[] streams = {1, 16};
        for (int i = 0; i < 2; i++) {
            long sunk = server.sunk.sum();
            double cpu = Cpu.seconds(relay.pids());
            row[i] = Load.bulk(server, relay.port(), streams[i], Duration.ofMillis(600), window) / 1e9;
            row[2 + i] = (Cpu.seconds(relay.pids()) - cpu) / ((server.sunk.sum() - sunk) / 1e9);
        }
        double[] trip = Load.pingPong(relay.port(), window);
        row[4] = trip[0];
        row[5] = trip[1];
        double cpu = Cpu.seconds(relay.pids());
        row[6] = Load.connections(relay.port(), 16, window);
        row[7] = (Cpu.seconds(relay.pids()) - cpu) * 1e3 / (row[6] * window.toMillis() / 1e3);
        return row;
    }

    private static void report(Map<String, List<double[]>> results) {
        System.out.printf("%nmedians%n%-26s", "");
        for (String column : COLUMNS) {
            System.out.printf(" %12s", column);
        }
        System.out.println();
        Map<String, double[]> medians = new LinkedHashMap<>();
        results.forEach((name, rows) -> {
            double[] median = new double[COLUMNS.length];
            for (int i = 0; i < median.length; i++) {
                int column = i;
                double[] sorted =
                        rows.stream().mapToDouble(row -> row[column]).sorted().toArray();
                median[i] = sorted[sorted.length / 2];
            }
            medians.put(name, median);
            print(name, median);
        });
        System.out.printf("%nebridge as a multiple of each (median of the ratios round by round)%n");
        List<double[]> ours = results.get("ebridge");
        results.forEach((name, rows) -> {
            if (!name.equals("ebridge")) {
                double[] ratio = new double[COLUMNS.length];
                for (int i = 0; i < ratio.length; i++) {
                    double[] ratios = new double[rows.size()];
                    for (int round = 0; round < ratios.length; round++) {
                        ratios[round] = ours.get(round)[i] / rows.get(round)[i];
                    }
                    Arrays.sort(ratios);
                    ratio[i] = ratios[ratios.length / 2];
                }
                print("ebridge / " + name, ratio);
            }
        });
        System.out.println();
    }

    private static void print(String name, double[] row) {
        System.out.printf("%-26s", name);
        for (double value : row) {
            System.out.printf(Locale.ROOT, value >= 100 ? " %12.0f" : " %12.3f", value);
        }
        System.out.println();
    }

    private static int option(String[] arguments, String name, int otherwise) {
        for (int i = 0; i + 1 < arguments.length; i++) {
            if (arguments[i].equals(name)) {
                return Integer.parseInt(arguments[i + 1]);
            }
        }
        return otherwise;
    }
}
