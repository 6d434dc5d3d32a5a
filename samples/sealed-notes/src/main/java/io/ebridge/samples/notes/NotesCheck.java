package io.ebridge.samples.notes;

import static io.ebridge.samples.support.Checklist.expect;

import io.ebridge.kv.rocksdb.RocksHostStore;
import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.samples.support.BothSides;
import io.ebridge.samples.support.Checklist;
import io.ebridge.samples.support.Checklist.StepFailedException;
import io.ebridge.samples.support.ChildJvm;
import io.ebridge.samples.support.Meeting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Uses the notes, kills both sides, and then is the hostile host: changes its files in every way and sees each caught. */
final class NotesCheck {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Options options;
    private final Path directory;
    private final Path data;
    private final @Nullable EtcdProcess etcd;
    private final @Nullable LyingCarrier carrier;
    private final Anchor anchor;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private ChildJvm host;
    private ChildJvm enclave;

    private NotesCheck(Options given) throws IOException, InterruptedException {
        directory = Files.createTempDirectory("notes");
        data = directory.resolve("data");
        etcd = given.anchor() == null
                ? EtcdProcess.start(directory.resolve("etcd")).orElse(null)
                : null;
        // The host carries the enclave's connection to etcd.
        carrier = etcd == null ? null : new LyingCarrier(etcd::connect);
        anchor = etcd == null ? new Anchor.InsecureFile(directory.resolve("anchor")) : carrier.carry(etcd.anchor());
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Meeting meeting = given.meeting().at(directory.resolve("vsock"));
        options = new Options(given.role(), meeting, port, data, anchor, null, true);
        host = start("host   ", "host");
        enclave = start("enclave", "enclave");
    }

    /** Returns the exit code. */
    static int run(Options options) throws Exception {
        NotesCheck check = new NotesCheck(options);
        Checklist list = new Checklist();
        try {
            check.use(list);
            check.attack(list);
            check.rollBack(list);
            check.salvage(list);
            System.out.println("all " + list.seen() + " steps seen");
            return 0;
        } catch (StepFailedException e) {
            System.out.println("failed: " + e.getMessage());
            return 1;
        } finally {
            check.enclave.close();
            check.host.close();
            check.enclave.awaitExit(PATIENCE);
            check.host.awaitExit(PATIENCE);
            if (check.etcd != null) {
                check.carrier.close();
                check.etcd.close();
            }
            BothSides.deleteAll(check.directory);
        }
    }

    private ChildJvm start(String name, String role) throws IOException {
        return Notes.start(name, role, options.meeting(), options.port(), data, anchor);
    }

    private void use(Checklist list) throws StepFailedException {
        list.see("a note is stored durably", () -> {
            enclave.awaitLine("serving", "serving"::equals, PATIENCE);
            expect(send("PUT", "/notes/milk", "two bottles"), "stored, DURABLE\n");
            send("PUT", "/notes/door", "the code is 7");
            send("PUT", "/notes/door", "the code is 4711");
        });
        list.see("it is read back", () -> expect(send("GET", "/notes/door", ""), "the code is 4711"));
        list.see(
                "notes are listed",
                () -> expect(send("GET", "/notes", ""), "door: the code is 4711\nmilk: two bottles\n"));
        list.see("the host's files hold no word of it", () -> {
            for (HostEntry entry : records()) {
                expect(
                        !new String(entry.value(), java.nio.charset.StandardCharsets.ISO_8859_1).contains("4711"),
                        "read");
            }
            startHost();
        });
        list.see("the host is killed, and the enclave goes on with the next one", () -> {
            killHost();
            startHost();
            expect(send("GET", "/notes/door", ""), "the code is 4711");
            expect(send("PUT", "/notes/keys", "under the mat"), "stored, DURABLE\n");
        });
        list.see("the enclave is killed, and the next one goes on", () -> {
            restartEnclave();
            expect(send("GET", "/notes/keys", ""), "under the mat");
            expect(send("GET", "/verify", ""), "3 records are good\n");
        });
    }

    private interface Mutation {
        void on(List<HostEntry> records, HostBatch batch);
    }

    private void attack(Checklist list) throws StepFailedException {
        attack(list, "a flipped bit", "TAMPERED", (records, batch) -> {
            byte[] value = records.get(0).value();
            value[value.length / 2] ^= 4;
            batch.put(records.get(0).key(), value);
        });
        attack(list, "two records swapped", "TAMPERED", (records, batch) -> batch.put(
                        records.get(0).key(), records.get(1).value())
                .put(records.get(1).key(), records.get(0).value()));
        attack(
                list,
                "a record deleted",
                "MISSING",
                (records, batch) -> batch.delete(records.get(0).key()));
        List<HostEntry> old = new java.util.ArrayList<>();
        list.see("a note is changed, the host keeps a copy of the old one", () -> {
            old.addAll(records());
            startHost();
            for (String note : List.of("milk", "door", "keys")) {
                String text = send("GET", "/notes/" + note, "");
                expect(send("PUT", "/notes/" + note, text + "!"), "stored, DURABLE\n");
            }
        });
        attack(
                list,
                "an old record put back",
                "STALE",
                (records, batch) -> batch.put(old.get(0).key(), old.get(0).value()));
    }

    /** Does something to the files, sees the name of what the enclave finds, and puts them back. */
    private void attack(Checklist list, String what, String name, Mutation mutation) throws StepFailedException {
        list.see(what + " on the host is caught: " + name, () -> {
            List<HostEntry> truth = records();
            HostBatch batch = new HostBatch();
            mutation.on(records(), batch);
            write(batch);
            startHost();
            expect(send("GET", "/notes", ""), name + "\n");
        });
        list.see("… and put right again", () -> {
            // The mutation touched the first two records at most; the copies were taken before.
            killHost();
            restore();
            startHost();
            expect(send("POST", "/readmit", ""), "open again\n");
            expect(send("GET", "/verify", ""), "3 records are good\n");
        });
    }

    private final List<HostEntry> backup = new java.util.ArrayList<>();

    /** The records in the host's files, read while no host runs. */
    private List<HostEntry> records() throws Exception {
        killHost();
        try (RocksHostStore store = RocksHostStore.open(data)) {
            List<HostEntry> records = store.scan(new byte[] {1}, null, 100, 1 << 20);
            backup.clear();
            backup.addAll(store.scan(new byte[] {1}, null, 100, 1 << 20));
            return records;
        }
    }

    private void write(HostBatch batch) throws IOException {
        try (RocksHostStore store = RocksHostStore.open(data)) {
            store.write(batch, true);
        }
    }

    private void restore() throws IOException {
        HostBatch batch = new HostBatch();
        backup.forEach(entry -> batch.put(entry.key(), entry.value()));
        write(batch);
    }

    private void rollBack(Checklist list) throws StepFailedException {
        Path copy = directory.resolve("copy");
        list.see("the host copies all its files; notes go on", () -> {
            killHost();
            copy(data, copy);
            startHost();
            expect(send("PUT", "/notes/milk", "none left"), "stored, DURABLE\n");
            expect(send("PUT", "/notes/new", "written after the copy"), "stored, DURABLE\n");
        });
        Path newest = directory.resolve("newest");
        list.see("all files rolled back are caught by the running enclave: MISSING or STALE", () -> {
            killHost();
            copy(data, newest);
            BothSides.deleteAll(data);
            copy(copy, data);
            startHost();
            String answer = send("GET", "/notes", "");
            expect(answer.equals("MISSING\n") || answer.equals("STALE\n"), answer);
        });
        if (etcd != null) {
            lie(list);
        }
        list.see("… and by one that starts: ROLLBACK", () -> {
            enclave.kill();
            enclave.awaitExit(PATIENCE);
            enclave = start("enclave", "enclave");
            enclave.awaitLine("the refusal", line -> line.startsWith("refused to start: ROLLBACK"), PATIENCE);
            expect(enclave.awaitExit(PATIENCE), 3);
        });
        list.see("files gone altogether are no first start: ROLLBACK", () -> {
            killHost();
            BothSides.deleteAll(data);
            startHost();
            enclave = start("enclave", "enclave");
            enclave.awaitLine("the refusal", line -> line.startsWith("refused to start: ROLLBACK"), PATIENCE);
            expect(enclave.awaitExit(PATIENCE), 3);
        });
        list.see("with the newest files it goes on", () -> {
            killHost();
            BothSides.deleteAll(data);
            copy(newest, data);
            startHost();
            enclave = start("enclave", "enclave");
            enclave.awaitLine("serving", "serving"::equals, PATIENCE);
            expect(send("GET", "/notes/milk", ""), "none left");
        });
    }

    /** The host needs another answer of etcd than the one that etcd gives, and cannot make it. */
    private void lie(Checklist list) throws StepFailedException {
        list.see("the host changes what etcd answers: no counter, no start: BACKEND", () -> {
            carrier.flipAfter(3000);
            refused("BACKEND");
        });
        list.see("the host leads to an etcd of its own, which has counted nothing: BACKEND", () -> {
            EtcdProcess own = EtcdProcess.start(directory.resolve("own")).orElseThrow();
            try {
                carrier.flipAfter(-1);
                carrier.lead(own::connect);
                refused("BACKEND");
            } finally {
                own.forget();
                carrier.lead(etcd::connect);
            }
        });
    }

    private void refused(String reason) throws Exception {
        enclave.kill();
        enclave.awaitExit(PATIENCE);
        enclave = start("enclave", "enclave");
        enclave.awaitLine("the refusal", line -> line.startsWith("refused to start: " + reason), PATIENCE);
        expect(enclave.awaitExit(PATIENCE), 3);
    }

    private void salvage(Checklist list) throws StepFailedException {
        list.see("SIGTERM drains the enclave and ends it with 0", () -> {
            enclave.terminate();
            expect(enclave.awaitExit(PATIENCE), 0);
        });
        list.see("SIGTERM drains the host and ends it with 0", () -> {
            host.terminate();
            expect(host.awaitExit(PATIENCE), 0);
        });
        list.see("verify finds a damaged record in the files", () -> {
            List<HostEntry> records = records();
            byte[] value = records.get(2).value();
            value[value.length - 1] ^= 1;
            write(new HostBatch().put(records.get(2).key(), value));
            try (ChildJvm tool = tool("verify", List.of("verify", "--data", data.toString()))) {
                expect(tool.awaitExit(PATIENCE), 1);
                tool.awaitLine("the finding", line -> line.startsWith("TAMPERED notes 01"), PATIENCE);
            }
        });
        list.see("salvage copies the others into a new store", () -> {
            Path into = directory.resolve("salvaged");
            try (ChildJvm tool =
                    tool("salvage", List.of("salvage", "--data", data.toString(), "--into", into.toString()))) {
                expect(tool.awaitExit(PATIENCE), 0);
                tool.awaitLine("the result", line -> line.startsWith("3 records salvaged"), PATIENCE);
            }
        });
    }

    private ChildJvm tool(String name, List<String> arguments) throws IOException {
        return ChildJvm.start(name, Notes.class, arguments, java.util.Map.of());
    }

    private void killHost() throws Exception {
        host.kill();
        host.awaitExit(PATIENCE);
    }

    private void startHost() throws Exception {
        host = start("host   ", "host");
        host.awaitLine("bridged", line -> line.startsWith("bridged") || line.startsWith("waiting"), PATIENCE);
    }

    private void restartEnclave() throws Exception {
        enclave.kill();
        enclave.awaitExit(PATIENCE);
        enclave = start("enclave", "enclave");
        enclave.awaitLine("serving", "serving"::equals, PATIENCE);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** Sends a request; while bridge and store come back after a kill, tries again. */
    private String send(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + options.port() + path))
                .timeout(Duration.ofSeconds(40))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                String answer = client.send(request, HttpResponse.BodyHandlers.ofString())
                        .body();
                if (!answer.equals("BACKEND\n") || System.nanoTime() > deadline) {
                    return answer;
                }
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
            Thread.sleep(100);
        }
    }
}
