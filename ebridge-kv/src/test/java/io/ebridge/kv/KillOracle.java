package io.ebridge.kv;

import io.ebridge.kv.memory.InsecureCounter;
import io.ebridge.kv.remote.HostStoreServer;
import io.ebridge.kv.remote.HostStream;
import io.ebridge.kv.rocksdb.RocksHostStore;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The programs that the kill tests kill, and the sequence of writes that both sides know. */
public final class KillOracle {

    private KillOracle() {}

    /** The {@code i}-th write, and how it is done. */
    static Ack write(SealedStore store, int i) {
        SealedNamespace n = store.namespace(i % 3 == 0 ? "m" : "n");
        WriteOptions how = i % 4 == 0 ? WriteOptions.durable() : WriteOptions.asVolatile();
        byte[] key = Stores.bytes("k" + i % 17);
        if (i % 7 == 3) {
            return n.delete(key, how);
        }
        if (i % 5 == 2) {
            WriteBatch batch = new WriteBatch();
            for (int b = 0; b < 6; b++) {
                batch.put(b % 2 == 0 ? "m" : "n", Stores.bytes("k" + (i + b) % 17), Stores.bytes("b" + i));
            }
            return store.write(batch, how.durability().orElseThrow()).orThrow();
        }
        return n.put(key, Stores.bytes("v" + i + "x".repeat(i % 400)), how);
    }

    /** What the store holds after the {@code i}-th write. */
    static void apply(TreeMap<String, String> model, int i) {
        String space = i % 3 == 0 ? "m" : "n";
        String key = "k" + i % 17;
        if (i % 7 == 3) {
            model.remove(space + key);
        } else if (i % 5 == 2) {
            for (int b = 0; b < 6; b++) {
                model.put((b % 2 == 0 ? "m" : "n") + "k" + (i + b) % 17, "b" + i);
            }
        } else {
            model.put(space + key, "v" + i + "x".repeat(i % 400));
        }
    }

    static TreeMap<String, String> after(int i) {
        TreeMap<String, String> model = new TreeMap<>();
        for (int n = 1; n <= i; n++) {
            apply(model, n);
        }
        return model;
    }

    static TreeMap<String, String> all(SealedStore store) {
        TreeMap<String, String> all = new TreeMap<>();
        for (String space : new String[] {"m", "n"}) {
            Stores.all(store.namespace(space).entries()).forEach((key, value) -> all.put(space + key, value));
        }
        return all;
    }

    static StoreOptions.Builder options(Path counter) throws IOException {
        return Stores.options().volatileLimit(200).rollbackSafe(InsecureCounter.file(counter));
    }

    /** A host: serves a RocksDB directory on a loopback port, which it prints, until it is killed. */
    public static final class Host {
        private Host() {}

        public static void main(String[] arguments) throws Exception {
            RocksHostStore rocks = RocksHostStore.open(Path.of(arguments[0]), 8 << 20);
            HostStoreServer server = HostStoreServer.builder().store("s", rocks).build();
            try (ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
                System.out.println("port " + listener.getLocalPort());
                System.out.flush();
                while (true) {
                    Socket socket = listener.accept();
                    Thread thread = new Thread(() -> {
                        try {
                            server.serve(HostStream.of(socket));
                        } catch (IOException e) {
                            System.err.println(e);
                        }
                    });
                    thread.setDaemon(true);
                    thread.start();
                }
            }
        }
    }

    /** An enclave with its host in one: writes and says what was acknowledged, and halts at a step of some commit. */
    public static final class Enclave {
        private Enclave() {}

        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            int from = Integer.parseInt(arguments[1]);
            StoreListener.CommitStep step = StoreListener.CommitStep.valueOf(arguments[2]);
            AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[3]));
            PrintStream out = System.out;
            StoreListener killer = new StoreListener() {
                @Override
                public void onCommitStep(CommitStep reached) {
                    if (reached == step && left.decrementAndGet() == 0) {
                        Runtime.getRuntime().halt(137);
                    }
                }
            };
            RocksHostStore rocks = RocksHostStore.open(directory.resolve("db"), 8 << 20);
            StoreOptions options =
                    options(directory.resolve("counter")).listener(killer).build();
            SealedStore store = SealedStore.openOrCreate(rocks, Stores.KEY, options);
            for (int i = from + 1; i < from + 5000; i++) {
                Ack ack = write(store, i);
                out.println((ack.durability() == Durability.DURABLE ? "durable " : "volatile ") + i);
                out.flush();
            }
        }
    }
}
