package io.ebridge.vsock.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;

/** The options of our epoll listeners. */
final class EpollServerConfig extends EpollChannelConfig {
    private final LinuxSocket socket;
    private volatile int backlog = 1024;

    EpollServerConfig(Channel channel, LinuxSocket socket) {
        super(channel, new ServerChannelRecvByteBufAllocator());
        this.socket = socket;
    }

    int backlog() {
        return backlog;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        return option == ChannelOption.SO_BACKLOG ? (T) Integer.valueOf(backlog) : super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        if (option == ChannelOption.SO_BACKLOG) {
            validate(option, value);
            backlog = (Integer) value;
            return true;
        }
        if (option == ChannelOption.SO_REUSEADDR) {
            validate(option, value);
            try {
                socket.setReuseAddress((Boolean) value);
            } catch (IOException e) {
                throw new ChannelException(e);
            }
            return true;
        }
        return super.setOption(option, value);
    }
}
