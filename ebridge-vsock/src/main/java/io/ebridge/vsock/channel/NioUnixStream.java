package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.channel.nio.AbstractNioByteChannel;
import io.netty.channel.nio.NioIoOps;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A Unix stream on the JDK's own sockets. Netty's own class for them ignores ALLOW_HALF_CLOSURE, which this one honours. */
final class NioUnixStream extends AbstractNioByteChannel implements AddressedChannel, SplitChannel {
    private static final int MAX_BUFFERS_PER_WRITE = 64;
    private static final int MAX_BYTES_PER_WRITE = 256 * 1024;

    private final NioStreamConfig config = new NioStreamConfig(this);
    private volatile boolean inputShut;
    private volatile boolean outputShut;
    private volatile @Nullable VsockAddress local;
    private volatile @Nullable VsockAddress remote;
    private volatile boolean detached;
    private volatile boolean gone;

    /** A stream to connect. */
    NioUnixStream() {
        super(null, open());
    }

    /** A stream that was accepted. */
    NioUnixStream(
            @Nullable Channel parent,
            SocketChannel socket,
            @Nullable VsockAddress local,
            @Nullable VsockAddress remote) {
        super(parent, socket);
        this.local = local;
        this.remote = remote;
    }

    private static SocketChannel open() {
        try {
            return SocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (IOException e) {
            throw new ChannelException("cannot open a Unix socket", e);
        }
    }

    void autoReadCleared() {
        clearReadPending();
    }

    @Override
    public void addresses(VsockAddress newLocal, VsockAddress newRemote) {
        local = newLocal;
        remote = newRemote;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    protected SocketChannel javaChannel() {
        return (SocketChannel) super.javaChannel();
    }

    @Override
    public boolean isActive() {
        SocketChannel socket = javaChannel();
        return !gone && socket.isOpen() && socket.isConnected();
    }

    @Override
    public boolean isOpen() {
        return !gone && super.isOpen();
    }

    /** Takes the socket away from this channel: closing it afterwards leaves the socket open, for another channel on another event loop. */
    ArrivalServer.Arrival detach(VsockAddress newLocal, VsockAddress newRemote) {
        detached = true;
        SocketChannel socket = javaChannel();
        return new ArrivalServer.Arrival() {
            @Override
            public Channel accept(Channel parent) {
                return new NioUnixStream(parent, socket, newLocal, newRemote);
            }

            @Override
            public void refuse() {
                try {
                    socket.close();
                } catch (IOException e) {
                    System.getLogger(NioUnixStream.class.getName())
                            .log(System.Logger.Level.DEBUG, "closing a refused stream failed", e);
                }
            }
        };
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return local;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remote;
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("a stream is not bound");
    }

    @Override
    protected boolean doConnect(SocketAddress to, @Nullable SocketAddress from) throws Exception {
        boolean connected = javaChannel().connect(to);
        if (!connected) {
            addAndSubmit(NioIoOps.CONNECT);
        }
        return connected;
    }

    @Override
    protected void doFinishConnect() throws Exception {
        if (!javaChannel().finishConnect()) {
            throw new IOException("the selector said connected, the socket does not");
        }
    }

    @Override
    protected void doDisconnect() throws Exception {
        doClose();
    }

    @Override
    protected void doClose() throws Exception {
        if (detached) {
            gone = true;
            return;
        }
        try {
            super.doClose();
        } finally {
            javaChannel().close();
        }
    }

    @Override
    protected int doReadBytes(ByteBuf buffer) throws Exception {
        var handle = unsafe().recvBufAllocHandle();
        handle.attemptedBytesRead(buffer.writableBytes());
        return buffer.writeBytes(javaChannel(), handle.attemptedBytesRead());
    }

    @Override
    protected int doWriteBytes(ByteBuf buffer) throws Exception {
        return buffer.readBytes(javaChannel(), buffer.readableBytes());
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws Exception {
        int spins = config.getWriteSpinCount();
        while (spins > 0) {
            if (out.isEmpty()) {
                clearOpWrite();
                return;
            }
            ByteBuffer[] buffers = out.nioBuffers(MAX_BUFFERS_PER_WRITE, MAX_BYTES_PER_WRITE);
            int count = out.nioBufferCount();
            if (count == 0) {
                // A FileRegion, or an empty buffer.
                super.doWrite(out);
                return;
            }
            long written =
                    count == 1 ? javaChannel().write(buffers[0]) : javaChannel().write(buffers, 0, count);
            if (written <= 0) {
                incompleteWrite(true);
                return;
            }
            out.removeBytes(written);
            spins--;
        }
        incompleteWrite(false);
    }

    @Override
    protected long doWriteFileRegion(FileRegion region) throws Exception {
        return region.transferTo(javaChannel(), region.transferred());
    }

    @Override
    public boolean isInputShutdown() {
        return inputShut || !isActive();
    }

    @Override
    protected boolean isInputShutdown0() {
        return isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShut || !isActive();
    }

    /** Netty's class declares it too, without a body. */
    @Override
    public ChannelFuture shutdownInput() {
        return SplitChannel.super.shutdownInput();
    }

    @Override
    public void shutdownInputOnLoop(ChannelPromise promise) {
        try {
            javaChannel().shutdownInput();
            inputShut = true;
            promise.setSuccess();
        } catch (IOException e) {
            promise.setFailure(e);
        }
    }

    @Override
    public void shutdownOutputOnLoop(ChannelPromise promise) {
        ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
    }

    @Override
    protected void doShutdownOutput() throws Exception {
        javaChannel().shutdownOutput();
        outputShut = true;
    }
}
