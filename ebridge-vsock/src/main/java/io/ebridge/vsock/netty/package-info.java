/**
 * VSOCK for those who build on Netty: channels that are bound and connected with {@link io.ebridge.vsock.VsockAddress}, on event loops that they share with TCP.
 *
 * <p>A relay from TCP to VSOCK on one event loop:
 *
 * <pre>{@code
 * NettyVsockTransport vsock = ...;
 * EventLoopGroup loops = vsock.newEventLoopGroup(2, new DefaultThreadFactory("relay"));
 * vsock.tcpServerBootstrap(loops, loops)
 *         .childHandler(new ChannelInitializer<Channel>() {
 *             protected void initChannel(Channel tcp) {
 *                 tcp.config().setAutoRead(false);
 *                 vsock.bootstrap(tcp.eventLoop())          // same loop, so nothing hops between threads
 *                         .handler(new RelayHandler(tcp))
 *                         .connect(VsockAddress.of(16, 5001));
 *             }
 *         })
 *         .bind(new InetSocketAddress("127.0.0.1", 8080));
 * }</pre>
 */
package io.ebridge.vsock.netty;
