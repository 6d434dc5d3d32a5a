/**
 * The bridge's wire formats as state machines without sockets.
 *
 * <p>An enclave has no network. The bridge gives it one through its host, over VSOCK connections. This package speaks every byte of that
 * conversation and nothing else: it opens no socket, starts no thread and reads no clock. Bytes and the time go in, bytes and events come
 * out; {@link io.ebridge.protocol.StateMachine} tells how. The module {@code io.ebridge.tunnel} puts these machines on real connections.
 *
 * <h2>The conversation</h2>
 *
 * <ol>
 *   <li>The enclave connects to its host's {@linkplain io.ebridge.protocol.BridgeDefaults#INIT_PORT init port} and the two run the startup
 *       handshake, {@link io.ebridge.protocol.EnclaveHandshake} and {@link io.ebridge.protocol.HostHandshake}: the host sends an
 *       {@link io.ebridge.protocol.Environment}, the enclave answers with a {@link io.ebridge.protocol.BridgeConfig}.
 *   <li>The enclave connects to the same port again and keeps the connection. Both sides send a
 *       {@link io.ebridge.protocol.Heartbeat} every half interval, watched by a {@link io.ebridge.protocol.Watchdog}.
 *       {@link io.ebridge.protocol.InitConnection} tells the two kinds of connection apart.
 *   <li>To reach the world the enclave connects to a client tunnel's port and names its {@link io.ebridge.protocol.Target}, see
 *       {@link io.ebridge.protocol.TargetLineClient} and {@link io.ebridge.protocol.TargetLineServer}. Connections into the enclave have no
 *       preamble.
 *   <li>What the enclave writes to the log port becomes {@link io.ebridge.protocol.LogLines}.
 * </ol>
 *
 * <h2>An example</h2>
 *
 * <p>Both sides of a handshake in one thread, with buffers in place of a connection:
 *
 * <pre>{@code
 * long now = System.nanoTime();
 * Environment environment = Environment.allow("APP_").apply(Map.of("APP_PORT", "8080", "HOME", "/root"));
 * HostHandshake host = HostHandshake.start(environment, Limits.DEFAULT, now);
 * EnclaveHandshake enclave = EnclaveHandshake.start(Limits.DEFAULT, now);
 *
 * host.receive(enclave.pollOutput().orElseThrow(), now);                       // 06 0A
 * EnclaveHandshake.Event event = enclave.receive(host.pollOutput().orElseThrow(), now).orElseThrow();
 * Environment received = ((EnclaveHandshake.EnvironmentReceived) event).environment();
 * int port = Integer.parseInt(received.get("APP_PORT").orElseThrow());
 *
 * BridgeConfig settings = BridgeConfig.builder("orders").serve(5001, port).outbound(5002).build();
 * enclave.settings(settings.withEnclaveCid(16), now);
 * BridgeConfig asked = host.receive(enclave.pollOutput().orElseThrow(), now).orElseThrow();
 * host.accept(now);                                                            // once every tunnel stands
 * event = enclave.receive(host.pollOutput().orElseThrow(), now).orElseThrow();  // Accepted
 * }</pre>
 *
 * <h2>Compatibility</h2>
 *
 * <p>Either side may be the Enclave Bridge of DIMO Network, written in Go, as of August 2025: the bytes are the same. What this suite adds
 * travels as JSON members that are left out where they have their default, and that other implementations ignore.
 *
 * <h2>Errors</h2>
 *
 * <p>What the other side does wrong is a {@link io.ebridge.protocol.ProtocolException} with a reason. It costs that side its connection and
 * nobody else anything. What the caller does wrong is an {@link java.lang.IllegalArgumentException} or
 * {@link java.lang.IllegalStateException}.
 */
package io.ebridge.protocol;
