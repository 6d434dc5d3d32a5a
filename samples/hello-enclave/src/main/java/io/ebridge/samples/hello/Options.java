package io.ebridge.samples.hello;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.Vsock;
import io.ebridge.vsock.VsockTransport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the command line says. */
record Options(Role role, boolean kernel, Path socket, Cid cid, int port, List<String> allowed, boolean check) {
    static final String USAGE =
            """
            usage: hello [host | enclave] [OPTION…]      without a role: both, in two processes

              --transport hybrid|kernel   Unix sockets (default), or real AF_VSOCK
              --socket PATH               where the two sides meet with hybrid (default: a temporary directory)
              --cid N                     the enclave's CID (default 16)
              --port N                    the host's TCP port for the enclave's HTTP server (default 8080)
              --allow HOST:PORT           a target that the enclave may reach; may be repeated
              --check                     run both sides on free ports, see every step work, and end""";

    /** Which side this process is. */
    enum Role {
        BOTH,
        HOST,
        ENCLAVE
    }

    static Options parse(String[] arguments) {
        Role role = Role.BOTH;
        boolean kernel = false;
        boolean check = false;
        Path socket = null;
        Cid cid = Cid.of(16);
        int port = 8080;
        List<String> allowed = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "host" -> role = Role.HOST;
                case "enclave" -> role = Role.ENCLAVE;
                case "--check" -> check = true;
                case "--transport" -> kernel = kernel(value(arguments, ++i));
                case "--socket" -> socket = Path.of(value(arguments, ++i));
                case "--cid" -> cid = Cid.of(Long.parseLong(value(arguments, ++i)));
                case "--port" -> port = Integer.parseInt(value(arguments, ++i));
                case "--allow" -> allowed.add(value(arguments, ++i));
                default -> throw new IllegalArgumentException("unknown argument " + arguments[i]);
            }
        }
        if (role != Role.BOTH && !kernel && socket == null) {
            throw new IllegalArgumentException("one side alone needs --socket PATH or --transport kernel");
        }
        return new Options(role, kernel, socket, cid, port, List.copyOf(allowed), check);
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
