package io.ebridge.tunnel;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;

/**
 * A proxy on a loopback port of the enclave that leads out through a client tunnel; see {@link EnclaveBridge#proxy()}. It
 * tells HTTP and SOCKS 5 apart by the first byte, so the one address serves both.
 */
public final class LocalProxy implements Endpoint {
    private final Endpoint endpoint;

    LocalProxy(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) endpoint.address();
    }

    /**
     * {@return the proxy as HTTP clients want it}
     */
    public Proxy httpProxy() {
        return new Proxy(Proxy.Type.HTTP, address());
    }

    /**
     * {@return the proxy as {@link java.net.Socket} wants it}
     */
    public Proxy socksProxy() {
        return new Proxy(Proxy.Type.SOCKS, address());
    }

    /**
     * {@return a selector that sends everything, loopback included, through this proxy as HTTP}
     */
    public ProxySelector selector() {
        Proxy proxy = httpProxy();
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                return List.of(proxy);
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException cause) {
                Events.log(System.Logger.Level.DEBUG, "The local proxy could not be reached", cause);
            }
        };
    }

    @Override
    public void close() {
        endpoint.close();
    }
}
