/**
 * Both sides of the bridge between an enclave and its host.
 *
 * <p>An enclave has no network but VSOCK. On the host, {@link io.ebridge.tunnel.HostBridge} accepts enclaves, opens the TCP
 * ports that they ask for and an {@link io.ebridge.tunnel.IngressPolicy} grants, connects them to the targets that an
 * {@link io.ebridge.tunnel.EgressPolicy} allows, and forwards their logs. In the enclave, {@link io.ebridge.tunnel.EnclaveBridge}
 * gets the configuration, exposes servers that exist already, gives out sockets that reach the world, and ships logs.
 *
 * <p>The host:
 *
 * <pre>{@code
 * try (HostBridge bridge = HostBridge.builder()
 *         .transport(Vsock.kernel())
 *         .acceptFrom(Cid.of(16))
 *         .environment(Environment.allow("APP_"))
 *         .ingress(IngressPolicy.allow(8080))
 *         .egress(EgressPolicy.allow("api.example.com:443"))
 *         .start()) {
 *     BridgedEnclave enclave = bridge.awaitEnclave(Duration.ofSeconds(30));
 *     bridge.service(6000, (stream, from) -> stream.inputStream().transferTo(stream.outputStream()));
 *     ...
 * }
 * }</pre>
 *
 * <p>The enclave:
 *
 * <pre>{@code
 * try (EnclaveBridge bridge = EnclaveBridge.builder().transport(Vsock.kernel()).connect(env ->
 *         BridgeConfig.builder("orders").serve(5001, 8080).outbound(5002).build())) {
 *     bridge.expose(5001, httpServer.getAddress());
 *     Logger.getLogger("").addHandler(bridge.logHandler());
 *     HttpClient client = HttpClient.newBuilder().proxy(bridge.proxy().selector()).build();
 *     VsockStream service = bridge.open(6000);
 *     ...
 * }
 * }</pre>
 *
 * <p>Either side may be the Enclave Bridge of DIMO Network, written in Go, as of August 2025. What happens on a bridge is told
 * to a {@link io.ebridge.tunnel.BridgeListener}; what goes wrong is a {@link io.ebridge.tunnel.BridgeException} with a
 * {@link io.ebridge.tunnel.BridgeReason}.
 */
package io.ebridge.tunnel;
