package io.ebridge.vsock.channel;

import io.ebridge.vsock.VsockAddress;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.nio.AbstractNioMessageChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Unix listener on the JDK's own sockets, whose children are {@link NioUnixStream}s. */
final class NioUnixServer extends AbstractNioMessageChannel implements ServerChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    private final Config config = new Config();
    private final SocketFiles files;
    private volatile @Nullable VsockAddress local;
    private SocketFiles.@Nullable Bound bound;

    NioUnixServer(SocketFiles files) {
        super(null, open(), SelectionKey.OP_ACCEPT);
        this.files = files;
    }

    private static ServerSocketChannel open() {
        try {
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (IOException e) {
            throw new ChannelException("cannot open a Unix socket", e);
        }
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected ServerSocketChannel javaChannel() {
        return (ServerSocketChannel) super.javaChannel();
    }

    @Override
    public boolean isActive() {
        return isOpen() && local != null;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return local;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected void doBind(SocketAddress address) throws Exception {
        SocketFiles.Bound place = files.prepare((VsockAddress) address);
        // The JDK binds and listens in one call, so until the next line only the permissions of the directory keep
        // others out.
        javaChannel().bind(UnixDomainSocketAddress.of(place.path()), config.backlog);
        bound = files.protect(place);
        local = place.address();
    }

    @Override
    protected int doReadMessages(List<Object> into) throws Exception {
        SocketChannel socket = javaChannel().accept();
        if (socket == null) {
            return 0;
        }
        try {
            into.add(newChild(socket));
            return 1;
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private NioUnixStream newChild(SocketChannel socket) {
        return new NioUnixStream(this, socket, local, files.peer());
    }

    @Override
    protected void doClose() throws Exception {
        try {
            super.doClose();
        } finally {
            javaChannel().close();
            SocketFiles.Bound place = bound;
            bound = null;
            if (place != null) {
                place.delete();
            }
        }
    }

    @Override
    protected boolean doConnect(SocketAddress remote, @Nullable SocketAddress from) {
        throw new UnsupportedOperationException("a listener does not connect");
    }

    @Override
    protected void doFinishConnect() {
        throw new UnsupportedOperationException("a listener does not connect");
    }

    @Override
    protected void doDisconnect() {
        throw new UnsupportedOperationException("a listener does not connect");
    }

    @Override
    protected boolean doWriteMessage(Object msg, ChannelOutboundBuffer in) {
        throw new UnsupportedOperationException("a listener does not write");
    }

    private final class Config extends DefaultChannelConfig {
        private volatile int backlog = 1024;

        Config() {
            super(NioUnixServer.this, new ServerChannelRecvByteBufAllocator());
        }

        @Override
        protected void autoReadCleared() {
            clearReadPending();
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (option == ChannelOption.SO_BACKLOG) {
                validate(option, value);
                backlog = (Integer) value;
                return true;
            }
            return super.setOption(option, value);
        }
    }
}
