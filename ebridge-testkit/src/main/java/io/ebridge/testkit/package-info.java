/**
 * A VSOCK in one JVM, with a hand on every fault.
 *
 * <pre>{@code
 * try (LoopbackNetwork network = LoopbackNetwork.create()) {
 *     VsockTransport host = network.host();
 *     VsockTransport enclave = network.machine(Cid.of(16));
 *     network.faults().onOpen(link -> link.toServer().corrupt(100, 0x01));
 *     try (VsockListener listener = host.listen(VsockAddress.anyCid(5000));
 *             VsockStream stream = enclave.connect(new VsockAddress(Cid.HOST, 5000))) {
 *         ...
 *     }
 * }
 * }</pre>
 *
 * <p>Everything here is for tests. Nothing is provided as a service, so that no fake is ever picked up where it was not handed over.
 */
package io.ebridge.testkit;
