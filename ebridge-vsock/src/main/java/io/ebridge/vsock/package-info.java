/**
 * VSOCK addresses, and the transports that reach them.
 *
 * <p>VSOCK is how a guest and its host talk without a network: a machine has a number, the {@linkplain io.ebridge.vsock.Cid CID}, and ports of 32 bits. One interface,
 * {@link io.ebridge.vsock.VsockTransport}, stands for every way to it, with the same behaviour and one meaning for each error.
 *
 * <p>Nothing here authenticates or encrypts: whoever runs the hypervisor reads and writes everything.
 */
package io.ebridge.vsock;
