package io.ebridge.vsock;

import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.net.SocketAddress;
import java.util.Objects;

/**
 * A CID and a port. Immutable; a {@link SocketAddress}, so that it serves wherever the JDK or Netty ask for one.
 *
 * <p>VSOCK ports have 32 bits. {@link #ANY_PORT} asks for a free port when listening, and means "not known" where an address is reported: hybrid VSOCK does not
 * tell the peer's port, and the kernel does not tell a client its own CID.
 */
public final class VsockAddress extends SocketAddress {
    @Serial
    private static final long serialVersionUID = 1;

    /** {@code VMADDR_PORT_ANY}: a free port when listening, "not known" when reported. */
    public static final long ANY_PORT = 0xFFFF_FFFFL;

    private final transient Cid cid;
    private final transient long port;

    /**
     * An address.
     *
     * @param cid the CID
     * @param port 0 to 4294967295
     * @throws IllegalArgumentException if the port is out of range
     */
    public VsockAddress(Cid cid, long port) {
        this.cid = Objects.requireNonNull(cid, "cid");
        if (port < 0 || port > ANY_PORT) {
            throw new IllegalArgumentException("VSOCK port " + port + " is outside 0.." + ANY_PORT);
        }
        this.port = port;
    }

    /**
     * An address.
     *
     * @param cid the number of the CID
     * @param port 0 to 4294967295
     * @return the address
     * @throws IllegalArgumentException if a number is out of range
     */
    public static VsockAddress of(long cid, long port) {
        return new VsockAddress(Cid.of(cid), port);
    }

    /**
     * The address to listen on: this port on any CID of this machine. (Bind to {@link Cid#ANY}, not to a number: a Nitro parent is not always CID 3.)
     *
     * @param port 0 to 4294967295, {@link #ANY_PORT} for a free one
     * @return the address
     * @throws IllegalArgumentException if the port is out of range
     */
    public static VsockAddress anyCid(long port) {
        return new VsockAddress(Cid.ANY, port);
    }

    /**
     * The CID.
     *
     * @return the CID, {@link Cid#ANY} where it is not known
     */
    public Cid cid() {
        return cid;
    }

    /**
     * The port.
     *
     * @return 0 to 4294967295, {@link #ANY_PORT} where it is not known
     */
    public long port() {
        return port;
    }

    /**
     * Both numbers travel in a record, so that what is read is checked.
     *
     * @return the record
     */
    @Serial
    private Object writeReplace() {
        return new Serialized(cid.value(), port);
    }

    /**
     * Refuses what did not come as that record.
     *
     * @param in where it came from
     * @throws InvalidObjectException always
     */
    @Serial
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("read through its replacement only");
    }

    private record Serialized(long cid, long port) implements java.io.Serializable {
        @Serial
        private Object readResolve() {
            return of(cid, port);
        }
    }

    /**
     * Equal if CID and port are.
     *
     * @param o the other object
     * @return whether it is the same address
     */
    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object o) {
        return o instanceof VsockAddress other && port == other.port && cid.equals(other.cid);
    }

    /**
     * A hash of both parts.
     *
     * @return the hash
     */
    @Override
    public int hashCode() {
        return 31 * cid.hashCode() + Long.hashCode(port);
    }

    /**
     * For people: {@code vsock 16:5001}.
     *
     * @return the text
     */
    @Override
    public String toString() {
        return "vsock " + cid + ":" + (port == ANY_PORT ? "any" : Long.toString(port));
    }
}
