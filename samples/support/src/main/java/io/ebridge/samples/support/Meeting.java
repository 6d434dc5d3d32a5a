package io.ebridge.samples.support;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.Vsock;
import io.ebridge.vsock.VsockTransport;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the host and the enclave of a sample meet.
 *
 * @param kernel whether over real AF_VSOCK, else over Unix sockets
 * @param socket where, with Unix sockets
 * @param cid the enclave's CID
 */
public record Meeting(boolean kernel, @Nullable Path socket, Cid cid) {
    /** The options that {@link CommandLine} understands by itself. */
    public static final String USAGE =
            """
              --transport hybrid|kernel   Unix sockets (default), or real AF_VSOCK
              --socket PATH               where the two sides meet with hybrid (default: a temporary directory)
              --cid N                     the enclave's CID (default 16)
            """;

    /** The same at a socket, unless one was named. */
    public Meeting orAt(Path other) {
        return socket == null ? at(other) : this;
    }

    /** The same at another socket. */
    public Meeting at(Path other) {
        return new Meeting(kernel, other, cid);
    }

    /** The words that a child process needs to come to the same meeting. */
    public List<String> arguments() {
        String number = Long.toString(cid.value());
        return kernel
                ? List.of("--cid", number, "--transport", "kernel")
                : List.of("--cid", number, "--transport", "hybrid", "--socket", path().toString());
    }

    private Path path() {
        return Objects.requireNonNull(socket, "no socket to meet at");
    }

    /** What carries the host's side. */
    public VsockTransport hostTransport() {
        return kernel ? Vsock.kernel() : Vsock.hybrid(path());
    }

    /** What carries the enclave's side. */
    public VsockTransport enclaveTransport() {
        return kernel ? Vsock.kernel() : Vsock.hybridGuest(path(), cid);
    }
}
