package io.ebridge.tunnel;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockListener;
import io.ebridge.vsock.VsockStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The host's own services for enclaves: blocking handlers, each connection on a thread of its own. */
final class HostServices implements AutoCloseable {
    private static final long PAUSE_MILLIS = 1000;

    private final HostEngine engine;
    private final Map<Long, Service> services = new ConcurrentHashMap<>();
    private final @Nullable ThreadPoolExecutor ownThreads;
    private final Executor threads;
    private final CountDownLatch closed = new CountDownLatch(1);

    HostServices(HostEngine engine) {
        this.engine = engine;
        Executor given = engine.settings().serviceThreads();
        if (given == null) {
            ownThreads = new ThreadPoolExecutor(
                    0,
                    engine.settings().limits().maxConnections(),
                    5,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    Threads.daemon("ebridge-service"));
            threads = ownThreads;
        } else {
            ownThreads = null;
            threads = given;
        }
    }

    boolean has(long port) {
        return services.containsKey(port);
    }

    void add(long port, ServiceHandler handler) throws BridgeException {
        if (engine.reserved(port)) {
            throw new BridgeException(
                    BridgeReason.PORT_TAKEN, "VSOCK port " + port + " is the bridge's own, or a service's");
        }
        VsockListener listener;
        try {
            listener = engine.settings().transport().listen(VsockAddress.anyCid(port));
        } catch (VsockException e) {
            throw new BridgeException(
                    Reasons.of(e), "Cannot listen on VSOCK port " + port + ": " + Reasons.detail(e), e);
        }
        Service service = new Service(port, handler, listener);
        if (services.putIfAbsent(port, service) != null || closed.getCount() == 0) {
            listener.close();
            throw new BridgeException(BridgeReason.PORT_TAKEN, "VSOCK port " + port + " was taken meanwhile");
        }
        Threads.daemon("ebridge-accept-" + port).newThread(service::acceptAll).start();
    }

    void stopAccepting() {
        services.values().forEach(service -> service.listener.close());
    }

    /** Resets the connections of one enclave. */
    void cut(Cid cid) {
        services.values().forEach(service -> service.cut(cid));
    }

    @Override
    public void close() {
        closed.countDown();
        stopAccepting();
        services.values().forEach(service -> service.cut(null));
        if (ownThreads != null) {
            ownThreads.shutdownNow();
        }
    }

    private final class Service {
        private final BridgeEvent.Tunnel tunnel;
        private final ServiceHandler handler;
        private final VsockListener listener;
        private final Set<VsockStream> open = ConcurrentHashMap.newKeySet();
        private final AtomicInteger count = new AtomicInteger();

        Service(long port, ServiceHandler handler, VsockListener listener) {
            this.tunnel = new BridgeEvent.Tunnel(BridgeEvent.Kind.SERVICE, Cid.ANY, port);
            this.handler = handler;
            this.listener = listener;
        }

        void acceptAll() {
            while (true) {
                try {
                    accepted(listener.accept());
                } catch (VsockException e) {
                    if (e.reason() == VsockException.Reason.CLOSED || !pause(e)) {
                        return;
                    }
                } catch (InterruptedIOException e) {
                    return;
                }
            }
        }

        private boolean pause(VsockException cause) {
            engine.events().tell(new BridgeEvent.AcceptPaused(tunnel, Reasons.of(cause), Reasons.detail(cause)));
            try {
                return !closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        private void accepted(VsockStream stream) {
            Cid cid = stream.remoteAddress().cid();
            BridgeEvent.Tunnel from = new BridgeEvent.Tunnel(BridgeEvent.Kind.SERVICE, cid, tunnel.port());
            HostSession session = engine.session(cid);
            BridgedEnclave enclave = session == null ? null : session.info();
            if (enclave == null) {
                refuse(stream, from, BridgeReason.NOT_BRIDGED, "no bridge with this CID");
                return;
            }
            if (count.incrementAndGet() > engine.settings().limits().maxConnectionsPerTunnel()) {
                count.decrementAndGet();
                refuse(stream, from, BridgeReason.LIMIT_REACHED, "too many connections of this service");
                return;
            }
            if (!engine.gate().enter()) {
                count.decrementAndGet();
                refuse(stream, from, BridgeReason.LIMIT_REACHED, "too many connections");
                return;
            }
            open.add(stream);
            try {
                threads.execute(() -> serve(stream, enclave, from));
            } catch (RejectedExecutionException e) {
                left(stream);
                refuse(stream, from, BridgeReason.LIMIT_REACHED, "no thread to be had");
            }
        }

        private void refuse(VsockStream stream, BridgeEvent.Tunnel from, BridgeReason reason, String detail) {
            stream.reset();
            engine.events().refused(from, reason, detail);
        }

        private void serve(VsockStream stream, BridgedEnclave enclave, BridgeEvent.Tunnel from) {
            long began = System.nanoTime();
            BridgeReason cut = null;
            engine.events().tell(new BridgeEvent.Opened(from));
            try {
                handler.serve(stream, enclave);
                stream.close();
            } catch (IOException | RuntimeException e) {
                cut = e instanceof IOException ? BridgeReason.RESET : BridgeReason.APPLICATION_FAILED;
                Events.log(
                        e instanceof IOException ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                        "A connection to service " + tunnel.port() + " failed",
                        e);
                stream.reset();
            } catch (InterruptedException e) {
                cut = BridgeReason.CLOSING;
                stream.reset();
                Thread.currentThread().interrupt();
            } finally {
                left(stream);
                engine.events()
                        .tell(new BridgeEvent.Closed(from, 0, 0, Duration.ofNanos(System.nanoTime() - began), cut));
            }
        }

        private void left(VsockStream stream) {
            open.remove(stream);
            count.decrementAndGet();
            engine.gate().leave();
        }

        void cut(@Nullable Cid cid) {
            for (VsockStream stream : List.copyOf(open)) {
                if (cid == null || stream.remoteAddress().cid().equals(cid)) {
                    stream.reset();
                }
            }
        }
    }
}
