package io.ebridge.kv;

import static io.ebridge.kv.Stores.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.kv.remote.HostStream;
import io.ebridge.kv.remote.RemoteHostStore;
import io.ebridge.kv.rocksdb.RocksHostStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, killed at random points and at every step of a commit; what was acknowledged is compared with what is left. */
@Timeout(7200)
class KillTest {

    @TempDir
    Path directory;

    @Test
    void theEnclaveIsKilledAtEveryStepOfACommit() throws Exception {
        enclaves(8, new Random(1));
    }

    @Test
    void theHostIsKilledAtRandomMoments() throws Exception {
        hosts(12, new Random(2));
    }

    @Test
    @Tag("soak")
    void fiveHundredKills() throws Exception {
        enclaves(200, new Random());
        hosts(320, new Random());
    }

    private void enclaves(int kills, Random random) throws Exception {
        int done = 0;
        StoreListener.CommitStep[] steps = StoreListener.CommitStep.values();
        for (int kill = 0; kill < kills; kill++) {
            String step = steps[kill % steps.length].name();
            int at = kill < steps.length ? 2 : 1 + random.nextInt(60);
            Process child = new ProcessBuilder(Servers.java(
                            KillOracle.Enclave.class,
                            directory.toString(),
                            String.valueOf(done),
                            step,
                            String.valueOf(at)))
                    .directory(directory.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            int acknowledged = done;
            int durable = done;
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    acknowledged = Integer.parseInt(line.substring(line.indexOf(' ') + 1));
                    durable = line.startsWith("durable") ? acknowledged : durable;
                }
                assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            } finally {
                child.destroyForcibly();
            }
            assertThat(child.exitValue()).as("killed itself at " + step).isEqualTo(137);
            try (RocksHostStore rocks = RocksHostStore.open(directory.resolve("db"), 8 << 20);
                    SealedStore store = SealedStore.openOrCreate(
                            rocks,
                            KEY,
                            KillOracle.options(directory.resolve("counter")).build())) {
                done = found(store, durable, acknowledged + 1);
                store.verify().orThrow();
            }
        }
        assertThat(done).isGreaterThan(kills);
    }

    /** Which write the store stands at: none that was durable may be missing, and none in the middle. */
    private static int found(SealedStore store, int atLeast, int atMost) {
        assertThat(store.status().quarantined()).isEmpty();
        TreeMap<String, String> all = KillOracle.all(store);
        TreeMap<String, String> model = KillOracle.after(atLeast);
        int last = -1;
        for (int i = atLeast; i <= atMost; i++) {
            if (i > atLeast) {
                KillOracle.apply(model, i);
            }
            if (model.equals(all)) {
                last = i;
            }
        }
        assertThat(last).as("between " + atLeast + " and " + atMost).isNotNegative();
        return last;
    }

    /** A host process that can be killed and started again; its newest port is where the enclave connects. */
    private final class HostProcess {
        private Process process;
        private volatile int port;

        void start() throws IOException {
            process = new ProcessBuilder(Servers.java(
                            KillOracle.Host.class, directory.resolve("host").toString()))
                    .directory(directory.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String line = lines.readLine();
            assertThat(line).as("the host starts").startsWith("port ");
            port = Integer.parseInt(line.substring(5));
        }

        void kill() throws InterruptedException {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void hosts(int kills, Random random) throws Exception {
        HostProcess host = new HostProcess();
        host.start();
        StoreOptions options = Stores.options().volatileLimit(100).build();
        RemoteHostStore remote = RemoteHostStore.connect(
                timeout -> HostStream.of(new Socket(InetAddress.getLoopbackAddress(), host.port)),
                "s",
                new RemoteHostStore.Options(Duration.ofSeconds(10), Duration.ofSeconds(60), 16));
        int i = 0;
        SealedStore store = SealedStore.create(remote, KEY, options);
        try {
            for (int kill = 0; kill < kills; kill++) {
                CountDownLatch never = new CountDownLatch(1);
                int delay = 1 + random.nextInt(150);
                Thread killer = new Thread(() -> {
                    try {
                        assertThat(never.await(delay, TimeUnit.MILLISECONDS)).isFalse();
                        host.kill();
                        host.start();
                    } catch (InterruptedException | IOException e) {
                        throw new AssertionError(e);
                    }
                });
                killer.start();
                int durable = i;
                while (killer.isAlive()) {
                    Ack ack = KillOracle.write(store, ++i);
                    durable = ack.durability() == Durability.DURABLE ? i : durable;
                }
                if (kill % 4 == 3) {
                    // The enclave goes as well, without a word.
                    store = SealedStore.open(remote, KEY, options);
                    i = found(store, durable, i);
                }
                assertThat(KillOracle.all(store)).isEqualTo(KillOracle.after(i));
            }
            store.verify().orThrow();
        } finally {
            store.close();
            remote.close();
            host.kill();
        }
        assertThat(List.of(i)).allMatch(n -> n > kills);
    }
}
