package io.ebridge.samples.notes;

import io.ebridge.kv.Finding;
import io.ebridge.kv.InsecureSealing;
import io.ebridge.kv.SalvageReport;
import io.ebridge.kv.SealedStore;
import io.ebridge.kv.SealedStoreException;
import io.ebridge.kv.SealingKey;
import io.ebridge.kv.SealingPolicy;
import io.ebridge.kv.StoreOptions;
import io.ebridge.kv.VerifyReport;
import io.ebridge.kv.memory.InsecureCounter;
import io.ebridge.kv.rocksdb.RocksHostStore;
import io.ebridge.kv.spi.MonotonicCounter;
import io.ebridge.samples.support.BothSides;
import io.ebridge.samples.support.ChildJvm;
import io.ebridge.samples.support.Meeting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Sealed notes: host and enclave in two processes, one of them alone, or a tool for the host's directory. */
public final class Notes {
    private Notes() {}

    /** Runs the sample; {@link Options#USAGE} says how. */
    public static void main(String[] arguments) throws Exception {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(Options.USAGE);
            System.exit(2);
            return;
        }
        switch (options.role()) {
            case HOST -> NotesHost.run(options);
            case ENCLAVE -> NotesEnclave.run(options);
            case VERIFY -> System.exit(verify(options));
            case SALVAGE -> System.exit(salvage(options));
            case BOTH -> {
                if (options.check()) {
                    System.exit(NotesCheck.run(options));
                } else {
                    both(options);
                }
            }
        }
    }

    private static void both(Options options) throws Exception {
        Anchor given = options.anchor();
        try (EtcdProcess etcd =
                given == null ? EtcdProcess.start(Path.of("sealed-notes-etcd")).orElse(null) : null) {
            Anchor anchor = given != null
                    ? given
                    : etcd != null ? etcd.anchor() : new Anchor.InsecureFile(Path.of("sealed-notes-anchor"));
            BothSides.run(
                    options.meeting(),
                    (name, role, meeting) -> start(name, role, meeting, options.port(), options.data(), anchor));
        }
    }

    static ChildJvm start(String name, String role, Meeting meeting, int port, Path data, Anchor anchor)
            throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of(role, "--port", Integer.toString(port), "--data", data.toString()));
        arguments.addAll(anchor.arguments());
        arguments.addAll(meeting.arguments());
        return ChildJvm.start(name, Notes.class, arguments, Map.of());
    }

    /** In earnest this comes from the platform or a KMS; here from a seed that anybody can read. */
    static SealingKey key() {
        return InsecureSealing.fromSeed("sealed-notes").sealingKey(SealingPolicy.measurement(), "notes");
    }

    static StoreOptions options(MonotonicCounter counter) {
        return StoreOptions.builder("notes").rollbackSafe(counter).build();
    }

    /** The tools look at files that may be as old as they like, and count nothing. */
    private static StoreOptions uncounted() {
        return options(InsecureCounter.inMemory());
    }

    private static int verify(Options options) throws IOException {
        try (RocksHostStore host = RocksHostStore.open(options.data());
                SealingKey key = key()) {
            VerifyReport report = SealedStore.inspect(host, key, uncounted());
            report.findings().forEach(Notes::print);
            System.out.println(report.verified() + " records are good, "
                    + report.findings().size() + " findings");
            return report.findings().isEmpty() ? 0 : 1;
        } catch (SealedStoreException e) {
            System.out.println(e.reason() + " " + e.getMessage());
            return 1;
        }
    }

    private static int salvage(Options options) throws IOException, InterruptedException {
        try (RocksHostStore from = RocksHostStore.open(options.data());
                RocksHostStore into = RocksHostStore.open(options.target());
                SealingKey key = key();
                // A new store with a name and tier of its own; nobody has counted it yet.
                SealedStore fresh = SealedStore.create(
                        into, key, StoreOptions.builder("notes-salvaged").build())) {
            SalvageReport report = SealedStore.salvage(from, key, uncounted(), fresh);
            report.findings().forEach(Notes::print);
            System.out.println(report.salvaged() + " records salvaged, "
                    + report.findings().size() + " findings");
            return 0;
        } catch (SealedStoreException e) {
            System.out.println(e.reason() + " " + e.getMessage());
            return 1;
        }
    }

    private static void print(Finding finding) {
        System.out.println(finding.reason() + " " + finding.namespace().orElse("-") + " " + finding.recordId() + ": "
                + finding.detail());
    }
}
