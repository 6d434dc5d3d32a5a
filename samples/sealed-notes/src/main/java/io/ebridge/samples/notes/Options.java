package io.ebridge.samples.notes;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.Vsock;
import io.ebridge.vsock.VsockTransport;
import java.nio.file.Path;

/**
 * What the command line says.
 *
 * @param data what the host keeps, in its power entirely
 * @param anchor the enclave's counter; a file here, etcd in earnest
 */
record Options(
        Role role, boolean kernel, Path socket, Cid cid, int port, Path data, Path anchor, Path target, boolean check) {
    static final String USAGE =
            """
            usage: sealed-notes [host | enclave] [OPTION…]      without a role: both, in two processes
                   sealed-notes verify --data DIR               reads every record of a host's directory and says what is bad
                   sealed-notes salvage --data DIR --into DIR   copies every record that opens into a new store

              --transport hybrid|kernel   Unix sockets (default), or real AF_VSOCK
              --socket PATH               where the two sides meet with hybrid (default: a temporary directory)
              --cid N                     the enclave's CID (default 16)
              --port N                    the host's TCP port for the enclave's HTTP server (default 8090)
              --data DIR                  the host's RocksDB directory (default: sealed-notes-data)
              --anchor FILE               the enclave's monotonic counter (default: sealed-notes-anchor). A file protects
                                          nothing by itself; it stands for the etcd of a real deployment
              --check                     run both sides, attack the host's files, see each attack caught, and end""";

    /** Which side this process is. */
    enum Role {
        BOTH,
        HOST,
        ENCLAVE,
        VERIFY,
        SALVAGE
    }

    static Options parse(String[] arguments) {
        Role role = Role.BOTH;
        boolean kernel = false;
        boolean check = false;
        Path socket = null;
        Cid cid = Cid.of(16);
        int port = 8090;
        Path data = Path.of("sealed-notes-data");
        Path anchor = Path.of("sealed-notes-anchor");
        Path target = null;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "host" -> role = Role.HOST;
                case "enclave" -> role = Role.ENCLAVE;
                case "verify" -> role = Role.VERIFY;
                case "salvage" -> role = Role.SALVAGE;
                case "--check" -> check = true;
                case "--transport" -> kernel = kernel(value(arguments, ++i));
                case "--socket" -> socket = Path.of(value(arguments, ++i));
                case "--cid" -> cid = Cid.of(Long.parseLong(value(arguments, ++i)));
                case "--port" -> port = Integer.parseInt(value(arguments, ++i));
                case "--data" -> data = Path.of(value(arguments, ++i));
                case "--anchor" -> anchor = Path.of(value(arguments, ++i));
                case "--into" -> target = Path.of(value(arguments, ++i));
                default -> throw new IllegalArgumentException("unknown argument " + arguments[i]);
            }
        }
        boolean alone = role == Role.HOST || role == Role.ENCLAVE;
        if (alone && !kernel && socket == null) {
            throw new IllegalArgumentException("one side alone needs --socket PATH or --transport kernel");
        }
        if (role == Role.SALVAGE && target == null) {
            throw new IllegalArgumentException("salvage needs --into DIR");
        }
        return new Options(role, kernel, socket, cid, port, data, anchor, target, check);
    }

    private static String value(String[] arguments, int i) {
        if (i == arguments.length) {
            throw new IllegalArgumentException(arguments[i - 1] + " needs a value");
        }
        return arguments[i];
    }

    private static boolean kernel(String transport) {
        return switch (transport) {
            case "kernel" -> true;
            case "hybrid" -> false;
            default -> throw new IllegalArgumentException("--transport " + transport + " is neither hybrid nor kernel");
        };
    }

    VsockTransport hostTransport() {
        return kernel ? Vsock.kernel() : Vsock.hybrid(socket);
    }

    VsockTransport enclaveTransport() {
        return kernel ? Vsock.kernel() : Vsock.hybridGuest(socket, cid);
    }
}
