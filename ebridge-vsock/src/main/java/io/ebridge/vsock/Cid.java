package io.ebridge.vsock;

/**
 * A VSOCK context identifier: the number of a machine on the VSOCK of one hypervisor.
 *
 * <p>A CID says which guest the <em>hypervisor</em> claims is speaking. It authenticates nobody: to an enclave the hypervisor is the adversary, and to a host
 * it is only as good as the hypervisor. The numbers 0, 1 and 2 and the highest one are reserved (Linux {@code linux/vm_sockets.h}).
 *
 * @param value 0 to 4294967295
 */
public record Cid(long value) implements Comparable<Cid> {
    private static final long MAX = 0xFFFF_FFFFL;

    /** {@code VMADDR_CID_HYPERVISOR}: the hypervisor itself. */
    public static final Cid HYPERVISOR = new Cid(0);
    /** {@code VMADDR_CID_LOCAL}: loopback inside one machine. */
    public static final Cid LOCAL = new Cid(1);
    /** {@code VMADDR_CID_HOST}: the host, as a guest of most VMMs addresses it. */
    public static final Cid HOST = new Cid(2);
    /** The parent instance, as an AWS Nitro enclave addresses it. It is an ordinary number elsewhere. */
    public static final Cid NITRO_PARENT = new Cid(3);
    /** {@code VMADDR_CID_ANY}: any CID of this machine when listening; "not known" where an address is reported. */
    public static final Cid ANY = new Cid(MAX);

    /**
     * Checks the range.
     *
     * @param value 0 to 4294967295
     * @throws IllegalArgumentException if the value is outside 0 to 4294967295
     */
    public Cid {
        if (value < 0 || value > MAX) {
            throw new IllegalArgumentException("CID " + value + " is outside 0.." + MAX);
        }
    }

    /**
     * The CID of this number.
     *
     * @param value 0 to 4294967295
     * @return the CID
     * @throws IllegalArgumentException if the value is out of range
     */
    public static Cid of(long value) {
        return new Cid(value);
    }

    /**
     * Orders by number.
     *
     * @param other the other CID
     * @return less than, equal to or greater than zero
     */
    @Override
    public int compareTo(Cid other) {
        return Long.compare(value, other.value);
    }

    /**
     * The number, or {@code any}.
     *
     * @return the text
     */
    @Override
    public String toString() {
        return value == MAX ? "any" : Long.toString(value);
    }
}
