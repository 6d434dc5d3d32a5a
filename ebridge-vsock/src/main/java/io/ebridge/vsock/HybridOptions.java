package io.ebridge.vsock;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * Settings of a hybrid VSOCK transport. Immutable.
 *
 * <p>Hybrid VSOCK is the convention of Firecracker, Cloud Hypervisor and vhost-device-vsock: the VMM listens on a Unix socket at {@link #path()}; the host connects
 * there, says {@code CONNECT <port>} and waits for {@code OK <number>}; streams that the guest opens arrive at Unix sockets named {@code <path>_<port>} on which the host listens.
 */
public final class HybridOptions {
    private final Path path;
    private final Cid guestCid;
    private final Vmm vmm;
    private final boolean halfClose;
    private final Duration handshakeTimeout;
    private final Set<PosixFilePermission> socketPermissions;
    private final boolean insecureSharedDirectory;
    private final boolean portable;

    private HybridOptions(Builder b) {
        path = b.path;
        guestCid = b.guestCid;
        vmm = b.vmm;
        halfClose = b.halfClose == null ? vmm.capabilities().contains(Capability.HALF_CLOSE) : b.halfClose;
        handshakeTimeout = b.handshakeTimeout;
        socketPermissions = Set.copyOf(b.socketPermissions);
        insecureSharedDirectory = b.insecureSharedDirectory;
        portable = b.portable;
    }

    /**
     * Begins with the defaults: our own library on the other side, guest CID 16, two seconds for the handshake, sockets that only their owner may use.
     *
     * @param path the VMM's socket
     * @return a builder
     */
    public static Builder builder(Path path) {
        return new Builder(path);
    }

    /**
     * The VMM's socket.
     *
     * @return the path
     */
    public Path path() {
        return path;
    }

    /**
     * The CID that the guest behind the socket has.
     *
     * @return the CID
     */
    public Cid guestCid() {
        return guestCid;
    }

    /**
     * What stands on the other side.
     *
     * @return the VMM
     */
    public Vmm vmm() {
        return vmm;
    }

    /**
     * Whether streams have {@link Capability#HALF_CLOSE}.
     *
     * @return whether they have
     */
    public boolean halfClose() {
        return halfClose;
    }

    /**
     * How long one {@code CONNECT} may take.
     *
     * @return the limit
     */
    public Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /**
     * The permissions of sockets that this side listens on.
     *
     * @return an immutable set
     */
    public Set<PosixFilePermission> socketPermissions() {
        return socketPermissions;
    }

    /**
     * Whether to listen in a directory that everybody may write to.
     *
     * @return whether to
     */
    public boolean insecureSharedDirectory() {
        return insecureSharedDirectory;
    }

    /**
     * Whether to stay with the JDK's own sockets even where Netty's native epoll is at hand.
     *
     * @return whether to
     */
    public boolean portable() {
        return portable;
    }

    /** Collects settings. Not safe for use by several threads. */
    public static final class Builder {
        private final Path path;
        private Cid guestCid = Cid.of(16);
        private Vmm vmm = Vmm.EBRIDGE;
        private @org.jspecify.annotations.Nullable Boolean halfClose;
        private Duration handshakeTimeout = Duration.ofSeconds(2);
        private Set<PosixFilePermission> socketPermissions = PosixFilePermissions.fromString("rw-------");
        private boolean insecureSharedDirectory;
        private boolean portable;

        private Builder(Path path) {
            this.path = Objects.requireNonNull(path, "path").toAbsolutePath();
        }

        /**
         * The CID of the guest behind the socket. The socket itself does not tell it; connecting to another one fails with {@code NO_SUCH_CID}, and accepted streams
         * report it as their peer.
         *
         * @param cid the CID, 3 or more
         * @return this
         * @throws IllegalArgumentException if it is reserved
         */
        public Builder guestCid(Cid cid) {
            if (cid.value() < 3 || cid.equals(Cid.ANY)) {
                throw new IllegalArgumentException("CID " + cid + " is reserved and cannot be a guest's");
            }
            guestCid = cid;
            return this;
        }

        /**
         * What stands on the other side; decides whether streams have {@link Capability#HALF_CLOSE}.
         *
         * @param value the VMM
         * @return this
         */
        public Builder vmm(Vmm value) {
            vmm = Objects.requireNonNull(value, "vmm");
            return this;
        }

        /**
         * Overrides what {@link #vmm(Vmm)} says about half-close, for another version of it.
         *
         * @param value whether streams have {@link Capability#HALF_CLOSE}
         * @return this
         */
        public Builder halfClose(boolean value) {
            halfClose = value;
            return this;
        }

        /**
         * How long one {@code CONNECT} may take, on the side that sends it and on the side that reads it. The VMMs give up after two seconds.
         *
         * @param timeout above zero, one minute at most
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder handshakeTimeout(Duration timeout) {
            if (timeout.isZero() || timeout.isNegative() || timeout.compareTo(Duration.ofMinutes(1)) > 0) {
                throw new IllegalArgumentException(
                        "handshake timeout " + timeout + " is not above zero and at most one minute");
            }
            handshakeTimeout = timeout;
            return this;
        }

        /**
         * The permissions of sockets that this side listens on; {@code rw-------} unless the VMM runs as another user (the Firecracker jailer does). Ignored on file systems without POSIX
         * permissions.
         *
         * @param permissions the permissions
         * @return this
         */
        public Builder socketPermissions(Set<PosixFilePermission> permissions) {
            socketPermissions =
                    permissions.isEmpty() ? EnumSet.noneOf(PosixFilePermission.class) : EnumSet.copyOf(permissions);
            return this;
        }

        /**
         * Allows listening in a directory in which everybody may replace files, so that another user of the machine can take the place of this side. Refused by default.
         *
         * @param allow whether to
         * @return this
         */
        public Builder insecureSharedDirectory(boolean allow) {
            insecureSharedDirectory = allow;
            return this;
        }

        /**
         * Stays with the JDK's own Unix sockets even where Netty's native epoll is at hand. It is slower; for tests, and to rule epoll out when looking for a fault.
         *
         * @param value whether to
         * @return this
         */
        public Builder portable(boolean value) {
            portable = value;
            return this;
        }

        /**
         * The settings.
         *
         * @return an immutable copy
         * @throws IllegalArgumentException if the path with the longest suffix does not fit a Unix socket address (104 bytes on macOS, 108 elsewhere, one of them for the end)
         */
        public HybridOptions build() {
            SocketPaths.checkLength(path);
            return new HybridOptions(this);
        }
    }
}
