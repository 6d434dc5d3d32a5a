package io.ebridge.samples.notes;

import io.ebridge.samples.support.CommandLine;
import io.ebridge.samples.support.Meeting;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says.
 *
 * @param data what the host keeps, in its power entirely
 * @param anchor the enclave's counter; null to start an etcd, or to use a file where there is none
 */
record Options(
        Role role,
        Meeting meeting,
        int port,
        Path data,
        @Nullable Anchor anchor,
        @Nullable Path target,
        boolean check) {
    static final String USAGE =
            """
            usage: sealed-notes [host | enclave] [OPTION…]      without a role: both, in two processes
                   sealed-notes verify --data DIR               reads every record of a host's directory and says what is bad
                   sealed-notes salvage --data DIR --into DIR   copies every record that opens into a new store

            """
                    + Meeting.USAGE
                    + """
              --port N                    the host's TCP port for the enclave's HTTP server (default 8090)
              --data DIR                  the host's RocksDB directory (default: sealed-notes-data)
              --etcd URI                  the etcd that counts for the enclave, https (default: one is started on a free
                                          loopback port, with its data in sealed-notes-etcd, if etcd is installed)
              --etcd-keys DIR             the CA that the enclave trusts, ca.crt, and its own certificate, client.p12
              --insecure-anchor FILE      counts in a file instead, which protects nothing (where no etcd is installed:
                                          sealed-notes-anchor)
              --check                     run both sides, attack the host's files, see each attack caught, and end"""
                            .indent(2)
                            .stripTrailing();

    /** Which side this process is. */
    enum Role {
        BOTH,
        HOST,
        ENCLAVE,
        VERIFY,
        SALVAGE
    }

    static Options parse(String[] arguments) {
        CommandLine line = new CommandLine(arguments);
        Role role = Role.BOTH;
        boolean check = false;
        int port = 8090;
        Path data = Path.of("sealed-notes-data");
        Path file = null;
        URI etcd = null;
        Path keys = null;
        Path target = null;
        for (String word = line.next(); word != null; word = line.next()) {
            switch (word) {
                case "host" -> role = Role.HOST;
                case "enclave" -> role = Role.ENCLAVE;
                case "verify" -> role = Role.VERIFY;
                case "salvage" -> role = Role.SALVAGE;
                case "--check" -> check = true;
                case "--port" -> port = Integer.parseInt(line.value());
                case "--data" -> data = Path.of(line.value());
                case "--etcd" -> etcd = URI.create(line.value());
                case "--etcd-keys" -> keys = Path.of(line.value());
                case "--insecure-anchor" -> file = Path.of(line.value());
                case "--into" -> target = Path.of(line.value());
                default -> throw line.unknown();
            }
        }
        if (role == Role.SALVAGE && target == null) {
            throw new IllegalArgumentException("salvage needs --into DIR");
        }
        if ((etcd == null) != (keys == null) || etcd != null && file != null) {
            throw new IllegalArgumentException("--etcd URI and --etcd-keys DIR go together, without --insecure-anchor");
        }
        Anchor anchor =
                etcd != null ? new Anchor.Etcd(etcd, keys) : file != null ? new Anchor.InsecureFile(file) : null;
        if (role == Role.ENCLAVE && anchor == null) {
            throw new IllegalArgumentException(
                    "an enclave alone needs --etcd URI and --etcd-keys DIR, or --insecure-anchor FILE");
        }
        Meeting meeting = line.meeting(role == Role.HOST || role == Role.ENCLAVE);
        return new Options(role, meeting, port, data, anchor, target, check);
    }
}
