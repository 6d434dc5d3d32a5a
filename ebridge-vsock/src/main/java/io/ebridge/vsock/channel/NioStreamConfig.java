package io.ebridge.vsock.channel;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannelConfig;

/**
 * The options of our NIO Unix streams. It is a {@link SocketChannelConfig}, though only TCP has those options, because that interface is how Netty finds out whether half-closure is allowed.
 */
final class NioStreamConfig extends DefaultChannelConfig implements SocketChannelConfig {
    private final NioUnixStream stream;
    private volatile boolean allowHalfClosure;

    NioStreamConfig(NioUnixStream stream) {
        super(stream);
        this.stream = stream;
    }

    @Override
    protected void autoReadCleared() {
        stream.autoReadCleared();
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
    public NioStreamConfig setAllowHalfClosure(boolean allow) {
        allowHalfClosure = allow;
        return this;
    }

    @Override
    public int getSoLinger() {
        return -1;
    }

    @Override
    public NioStreamConfig setSoLinger(int value) {
        return this;
    }

    @Override
    public int getSendBufferSize() {
        return 0;
    }

    @Override
    public NioStreamConfig setSendBufferSize(int value) {
        return this;
    }

    @Override
    public int getReceiveBufferSize() {
        return 0;
    }

    @Override
    public NioStreamConfig setReceiveBufferSize(int value) {
        return this;
    }

    @Override
    public boolean isKeepAlive() {
        return false;
    }

    @Override
    public NioStreamConfig setKeepAlive(boolean value) {
        return this;
    }

    @Override
    public boolean isTcpNoDelay() {
        return true;
    }

    @Override
    public NioStreamConfig setTcpNoDelay(boolean value) {
        return this;
    }

    @Override
    public int getTrafficClass() {
        return 0;
    }

    @Override
    public NioStreamConfig setTrafficClass(int value) {
        return this;
    }

    @Override
    public boolean isReuseAddress() {
        return false;
    }

    @Override
    public NioStreamConfig setReuseAddress(boolean value) {
        return this;
    }

    @Override
    public NioStreamConfig setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        return this;
    }

    @Override
    public NioStreamConfig setConnectTimeoutMillis(int value) {
        super.setConnectTimeoutMillis(value);
        return this;
    }

    @Override
    @Deprecated
    public NioStreamConfig setMaxMessagesPerRead(int value) {
        super.setMaxMessagesPerRead(value);
        return this;
    }

    @Override
    public NioStreamConfig setWriteSpinCount(int value) {
        super.setWriteSpinCount(value);
        return this;
    }

    @Override
    public NioStreamConfig setAllocator(ByteBufAllocator value) {
        super.setAllocator(value);
        return this;
    }

    @Override
    public NioStreamConfig setRecvByteBufAllocator(RecvByteBufAllocator value) {
        super.setRecvByteBufAllocator(value);
        return this;
    }

    @Override
    public NioStreamConfig setAutoRead(boolean value) {
        super.setAutoRead(value);
        return this;
    }

    @Override
    public NioStreamConfig setAutoClose(boolean value) {
        super.setAutoClose(value);
        return this;
    }

    @Override
    @Deprecated
    public NioStreamConfig setWriteBufferHighWaterMark(int value) {
        super.setWriteBufferHighWaterMark(value);
        return this;
    }

    @Override
    @Deprecated
    public NioStreamConfig setWriteBufferLowWaterMark(int value) {
        super.setWriteBufferLowWaterMark(value);
        return this;
    }

    @Override
    public NioStreamConfig setWriteBufferWaterMark(WriteBufferWaterMark value) {
        super.setWriteBufferWaterMark(value);
        return this;
    }

    @Override
    public NioStreamConfig setMessageSizeEstimator(MessageSizeEstimator value) {
        super.setMessageSizeEstimator(value);
        return this;
    }
}
