package io.ebridge.vsock;

import io.ebridge.vsock.channel.HybridGuestTransport;
import io.ebridge.vsock.channel.HybridHostTransport;
import io.ebridge.vsock.channel.KernelTransport;
import java.nio.file.Path;

/**
 * The transports of this library. Making one opens nothing; ask {@link VsockTransport#availability()} before use. All of them are {@link io.ebridge.vsock.netty.NettyVsockTransport}s.
 *
 * <p>Which one:
 *
 * <ul>
 *   <li>{@link #kernel()} wherever the kernel has AF_VSOCK: in every guest, and on hosts with vhost (QEMU, AWS Nitro).
 *   <li>{@link #hybrid(Path)} on the host of a VMM that offers VSOCK as Unix sockets (Firecracker, Cloud Hypervisor, vhost-device-vsock).
 *   <li>{@link #hybridGuest(Path, Cid)} in place of a guest, for two processes on one machine without a VMM.
 * </ul>
 */
public final class Vsock {
    private Vsock() {}

    /**
     * AF_VSOCK of the Linux kernel with default settings.
     *
     * @return the transport
     */
    public static VsockTransport kernel() {
        return kernel(KernelOptions.builder().build());
    }

    /**
     * AF_VSOCK of the Linux kernel.
     *
     * @param options its settings
     * @return the transport
     */
    public static VsockTransport kernel(KernelOptions options) {
        return new KernelTransport(options);
    }

    /**
     * The host's side of hybrid VSOCK, with this library and guest CID 16 on the other side. For a VMM use {@link #hybrid(HybridOptions)} and name it.
     *
     * @param path the socket on which the other side listens; streams from there arrive at {@code <path>_<port>}
     * @return the transport
     * @throws IllegalArgumentException if the path is too long for a Unix socket
     */
    public static VsockTransport hybrid(Path path) {
        return hybrid(HybridOptions.builder(path).build());
    }

    /**
     * The host's side of hybrid VSOCK.
     *
     * @param options its settings
     * @return the transport
     */
    public static VsockTransport hybrid(HybridOptions options) {
        return new HybridHostTransport(options);
    }

    /**
     * The guest's side of hybrid VSOCK, taking the VMM's part: listens at the path, answers {@code CONNECT} with {@code OK}, and connects to {@code <path>_<port>} for streams to the host (CID 2 or 3). For development and tests: two
     * processes meet on one machine, without a VMM. The peer uses {@link #hybrid(HybridOptions)} with the same path and CID.
     *
     * @param path where to listen
     * @param cid the CID of this side, 3 or more
     * @return the transport
     * @throws IllegalArgumentException if the path is too long for a Unix socket, or the CID is reserved
     */
    public static VsockTransport hybridGuest(Path path, Cid cid) {
        return hybridGuest(HybridOptions.builder(path).guestCid(cid).build());
    }

    /**
     * The guest's side of hybrid VSOCK, taking the VMM's part.
     *
     * @param options its settings
     * @return the transport
     */
    public static VsockTransport hybridGuest(HybridOptions options) {
        return new HybridGuestTransport(options);
    }
}
