package io.ebridge.testkit;

import io.ebridge.vsock.VsockAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A stream between two channels: one pipe for each direction. */
final class Link implements LoopbackLink {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final long number = NUMBERS.incrementAndGet();
    private final LoopbackNetwork network;
    private final VsockAddress client;
    private final VsockAddress server;
    private final VsockAddress named;
    private final LoopbackTransport from;
    private final LoopbackTransport to;
    private final boolean halfClose;
    private final AtomicInteger openEnds = new AtomicInteger(2);
    private final Pipe toServer = new Pipe(this::reset);
    private final Pipe toClient = new Pipe(this::reset);

    Link(
            LoopbackNetwork network,
            VsockAddress client,
            VsockAddress server,
            VsockAddress named,
            LoopbackTransport from,
            LoopbackTransport to,
            boolean halfClose) {
        this.network = network;
        this.client = client;
        this.server = server;
        this.named = named;
        this.from = from;
        this.to = to;
        this.halfClose = halfClose;
    }

    long number() {
        return number;
    }

    boolean touches(LoopbackTransport machine) {
        return machine == from || machine == to;
    }

    boolean halfClose() {
        return halfClose;
    }

    /** The server's address as the client named it, which may be an alias. */
    VsockAddress named() {
        return named;
    }

    void endClosed() {
        if (openEnds.decrementAndGet() == 0) {
            network.ended(this);
        }
    }

    @Override
    public VsockAddress client() {
        return client;
    }

    @Override
    public VsockAddress server() {
        return server;
    }

    @Override
    public Pipe toServer() {
        return toServer;
    }

    @Override
    public Pipe toClient() {
        return toClient;
    }

    @Override
    public void reset() {
        // Both before anybody wakes: an end that learns of it closes, which would look like an end in good order to the
        // other.
        toServer.reset();
        toClient.reset();
        toServer.wake();
        toClient.wake();
    }

    @Override
    public String toString() {
        return client + " -> " + server;
    }
}
