package io.ebridge.samples.notes;

import io.ebridge.samples.support.CommandLine;
import io.ebridge.samples.support.Meeting;
import java.nio.file.Path;

/**
 * What the command line says.
 *
 * @param data what the host keeps, in its power entirely
 * @param anchor the enclave's counter; a file here, etcd in earnest
 */
record Options(Role role, Meeting meeting, int port, Path data, Path anchor, Path target, boolean check) {
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
              --anchor FILE               the enclave's monotonic counter (default: sealed-notes-anchor). A file protects
                                          nothing by itself; it stands for the etcd of a real deployment
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
        Path anchor = Path.of("sealed-notes-anchor");
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
                case "--anchor" -> anchor = Path.of(line.value());
                case "--into" -> target = Path.of(line.value());
                default -> throw line.unknown();
            }
        }
        if (role == Role.SALVAGE && target == null) {
            throw new IllegalArgumentException("salvage needs --into DIR");
        }
        Meeting meeting = line.meeting(role == Role.HOST || role == Role.ENCLAVE);
        return new Options(role, meeting, port, data, anchor, target, check);
    }
}
