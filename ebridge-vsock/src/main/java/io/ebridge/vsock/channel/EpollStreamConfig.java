package io.ebridge.vsock.channel;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.EpollMode;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.SocketChannelConfig;
import java.io.IOException;

/**
 * The options of our epoll streams. It is a {@link SocketChannelConfig}, though only TCP has those options, because that interface is how Netty finds out whether half-closure is allowed.
 */
final class EpollStreamConfig extends EpollChannelConfig implements SocketChannelConfig {
    private final LinuxSocket socket;
    private final boolean tcp;
    private volatile boolean allowHalfClosure;
    private volatile boolean noDelay;

    EpollStreamConfig(Channel channel, LinuxSocket socket, boolean tcp) {
        super(channel);
        this.socket = socket;
        this.tcp = tcp;
    }

    /** Says that the socket has got TCP_NODELAY from its listener. */
    void noDelayInherited() {
        noDelay = true;
    }

    private interface Get<T> {
        T run() throws IOException;
    }

    private interface Set {
        void run() throws IOException;
    }

    private static <T> T read(Get<T> option) {
        try {
            return option.run();
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    private void write(Set option) {
        if (!tcp) {
            return;
        }
        try {
            option.run();
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    @Override
    @SuppressWarnings({"unchecked", "deprecation"})
    public <T> T getOption(ChannelOption<T> option) {
        if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
            return (T) Boolean.valueOf(isAllowHalfClosure());
        }
        if (option == ChannelOption.SO_LINGER) {
            return (T) Integer.valueOf(getSoLinger());
        }
        if (option == ChannelOption.SO_RCVBUF) {
            return (T) Integer.valueOf(getReceiveBufferSize());
        }
        if (option == ChannelOption.SO_SNDBUF) {
            return (T) Integer.valueOf(getSendBufferSize());
        }
        if (option == ChannelOption.TCP_NODELAY) {
            return (T) Boolean.valueOf(isTcpNoDelay());
        }
        if (option == ChannelOption.SO_KEEPALIVE) {
            return (T) Boolean.valueOf(isKeepAlive());
        }
        if (option == ChannelOption.SO_REUSEADDR) {
            return (T) Boolean.valueOf(isReuseAddress());
        }
        if (option == ChannelOption.IP_TOS) {
            return (T) Integer.valueOf(getTrafficClass());
        }
        return super.getOption(option);
    }

    @Override
    @SuppressWarnings("deprecation")
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
            validate(option, value);
            setAllowHalfClosure((Boolean) value);
        } else if (option == ChannelOption.SO_LINGER) {
            validate(option, value);
            setSoLinger((Integer) value);
        } else if (option == ChannelOption.SO_RCVBUF) {
            validate(option, value);
            setReceiveBufferSize((Integer) value);
        } else if (option == ChannelOption.SO_SNDBUF) {
            validate(option, value);
            setSendBufferSize((Integer) value);
        } else if (option == ChannelOption.TCP_NODELAY) {
            validate(option, value);
            setTcpNoDelay((Boolean) value);
        } else if (option == ChannelOption.SO_KEEPALIVE) {
            validate(option, value);
            setKeepAlive((Boolean) value);
        } else if (option == ChannelOption.SO_REUSEADDR) {
            validate(option, value);
            setReuseAddress((Boolean) value);
        } else if (option == ChannelOption.IP_TOS) {
            validate(option, value);
            setTrafficClass((Integer) value);
        } else {
            return super.setOption(option, value);
        }
        return true;
    }

    @Override
    public boolean isAllowHalfClosure() {
        return allowHalfClosure;
    }

    @Override
    public EpollStreamConfig setAllowHalfClosure(boolean allow) {
        allowHalfClosure = allow;
        return this;
    }

    @Override
    public int getSoLinger() {
        return tcp ? read(socket::getSoLinger) : -1;
    }

    @Override
    public EpollStreamConfig setSoLinger(int value) {
        write(() -> socket.setSoLinger(value));
        return this;
    }

    @Override
    public int getSendBufferSize() {
        return tcp ? read(socket::getSendBufferSize) : 0;
    }

    @Override
    public EpollStreamConfig setSendBufferSize(int value) {
        write(() -> socket.setSendBufferSize(value));
        return this;
    }

    @Override
    public int getReceiveBufferSize() {
        return tcp ? read(socket::getReceiveBufferSize) : 0;
    }

    @Override
    public EpollStreamConfig setReceiveBufferSize(int value) {
        write(() -> socket.setReceiveBufferSize(value));
        return this;
    }

    @Override
    public boolean isKeepAlive() {
        return tcp ? read(socket::isKeepAlive) : false;
    }

    @Override
    public EpollStreamConfig setKeepAlive(boolean value) {
        write(() -> socket.setKeepAlive(value));
        return this;
    }

    @Override
    public boolean isTcpNoDelay() {
        return tcp ? read(socket::isTcpNoDelay) : true;
    }

    @Override
    public EpollStreamConfig setTcpNoDelay(boolean value) {
        if (value != noDelay) {
            write(() -> socket.setTcpNoDelay(value));
            noDelay = value;
        }
        return this;
    }

    @Override
    public int getTrafficClass() {
        return tcp ? read(socket::getTrafficClass) : 0;
    }

    @Override
    public EpollStreamConfig setTrafficClass(int value) {
        write(() -> socket.setTrafficClass(value));
        return this;
    }

    @Override
    public boolean isReuseAddress() {
        return tcp ? read(socket::isReuseAddress) : false;
    }

    @Override
    public EpollStreamConfig setReuseAddress(boolean value) {
        write(() -> socket.setReuseAddress(value));
        return this;
    }

    @Override
    public EpollStreamConfig setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        return this;
    }

    @Override
    public EpollStreamConfig setConnectTimeoutMillis(int value) {
        super.setConnectTimeoutMillis(value);
        return this;
    }

    @Override
    @Deprecated
    public EpollStreamConfig setMaxMessagesPerRead(int value) {
        super.setMaxMessagesPerRead(value);
        return this;
    }

    @Override
    public EpollStreamConfig setWriteSpinCount(int value) {
        super.setWriteSpinCount(value);
        return this;
    }

    @Override
    public EpollStreamConfig setAllocator(ByteBufAllocator value) {
        super.setAllocator(value);
        return this;
    }

    @Override
    public EpollStreamConfig setRecvByteBufAllocator(RecvByteBufAllocator value) {
        super.setRecvByteBufAllocator(value);
        return this;
    }

    @Override
    public EpollStreamConfig setAutoRead(boolean value) {
        super.setAutoRead(value);
        return this;
    }

    @Override
    public EpollStreamConfig setAutoClose(boolean value) {
        super.setAutoClose(value);
        return this;
    }

    @Override
    @Deprecated
    public EpollStreamConfig setWriteBufferHighWaterMark(int value) {
        super.setWriteBufferHighWaterMark(value);
        return this;
    }

    @Override
    @Deprecated
    public EpollStreamConfig setWriteBufferLowWaterMark(int value) {
        super.setWriteBufferLowWaterMark(value);
        return this;
    }

    @Override
    public EpollStreamConfig setWriteBufferWaterMark(WriteBufferWaterMark value) {
        super.setWriteBufferWaterMark(value);
        return this;
    }

    @Override
    public EpollStreamConfig setMessageSizeEstimator(MessageSizeEstimator value) {
        super.setMessageSizeEstimator(value);
        return this;
    }

    @Override
    @Deprecated
    public EpollStreamConfig setEpollMode(EpollMode mode) {
        super.setEpollMode(mode);
        return this;
    }
}
