package io.ebridge.testkit;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import io.ebridge.vsock.VsockTransport;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A VSOCK inside this JVM: machines with CIDs, each a {@link VsockTransport} that behaves as the kernel's does (the same contract tests run on both), and {@link #faults()} on every stream between them.
 *
 * <p>It needs no operating system feature, no port and no file, holds no thread while nothing is open, and works where Netty's native transports do not. Its transports are
 * {@link io.ebridge.vsock.netty.NettyVsockTransport}s whose channels run on any event loop. Streams have {@link io.ebridge.vsock.Capability#RESET}, which real VSOCK lacks; each direction buffers 256 KiB.
 *
 * <p>Safe for use by many threads.
 */
public final class LoopbackNetwork implements AutoCloseable {
    private static final long FIRST_DYNAMIC_PORT = 1L << 30;

    private final boolean halfClose;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Cid, LoopbackTransport> machines = new HashMap<>();
    private final Map<VsockAddress, LoopbackListener> listeners = new HashMap<>();
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicLong ports = new AtomicLong(FIRST_DYNAMIC_PORT);
    private final Faults faults = new Faults(this);
    /** One of its own, which counts, so that a buffer that nobody released is found. */
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

    private boolean closed;

    private LoopbackNetwork(boolean halfClose) {
        this.halfClose = halfClose;
    }

    /**
     * A network with nobody on it.
     *
     * @return the network
     */
    public static LoopbackNetwork create() {
        return new LoopbackNetwork(true);
    }

    /**
     * A network whose streams end as a whole when one side ends its output, as Firecracker's do.
     *
     * @return the network
     */
    public static LoopbackNetwork withoutHalfClose() {
        return new LoopbackNetwork(false);
    }

    /**
     * The machine with a CID, which is on the network from the first call on.
     *
     * @param cid the CID, not a reserved one but {@link Cid#HOST}
     * @return its transport, the same for every call until it is {@linkplain Faults#kill(Cid) killed}
     * @throws IllegalArgumentException if the CID cannot be a machine's
     * @throws IllegalStateException if the network is closed
     */
    public VsockTransport machine(Cid cid) {
        if (cid.value() < Cid.HOST.value() || cid.equals(Cid.ANY)) {
            throw new IllegalArgumentException("CID " + cid + " cannot be a machine's");
        }
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the network is closed");
            }
            return machines.computeIfAbsent(cid, c -> new LoopbackTransport(this, c, halfClose));
        } finally {
            lock.unlock();
        }
    }

    /**
     * The host: CID 2, which enclaves also reach as CID 3, as on AWS Nitro, unless another machine has that.
     *
     * @return its transport
     */
    public VsockTransport host() {
        return machine(Cid.HOST);
    }

    /**
     * The switches for faults.
     *
     * @return always the same
     */
    public Faults faults() {
        return faults;
    }

    /**
     * The streams that are open on at least one side, oldest first.
     *
     * @return a copy
     */
    public List<LoopbackLink> links() {
        return links.stream()
                .sorted((a, b) -> Long.compare(a.number(), b.number()))
                .map(l -> (LoopbackLink) l)
                .toList();
    }

    /**
     * Where somebody listens.
     *
     * @return a copy
     */
    public Set<VsockAddress> listening() {
        lock.lock();
        try {
            return Set.copyOf(listeners.keySet());
        } finally {
            lock.unlock();
        }
    }

    /** Cuts every stream, closes every listener, and lets nobody in any more. Does nothing the second time. */
    @Override
    public void close() {
        List<LoopbackListener> open;
        lock.lock();
        try {
            closed = true;
            open = List.copyOf(listeners.values());
            machines.clear();
        } finally {
            lock.unlock();
        }
        open.forEach(LoopbackListener::close);
        links.forEach(Link::reset);
    }

    /**
     * What is open or in use on this network: streams, listeners, and buffers that its channels were given (TCP channels on its event loops included). After {@link #close()} and a moment for the event loops it is empty, unless
     * somebody forgot to release something.
     *
     * @return for people, a line for each
     */
    public List<String> leftovers() {
        List<String> left = new ArrayList<>();
        links().forEach(l -> left.add("stream " + l));
        listening().forEach(a -> left.add("listener " + a));
        long bytes = allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
        if (bytes > 0) {
            left.add("buffers of " + bytes + " bytes");
        }
        return left;
    }

    // ---- for the channels

    ByteBufAllocator allocator() {
        return allocator;
    }

    private Cid resolve(Cid cid) {
        return cid.equals(Cid.NITRO_PARENT) && !machines.containsKey(cid) ? Cid.HOST : cid;
    }

    VsockAddress bind(LoopbackTransport machine, VsockAddress wanted, LoopbackListener listener) throws VsockException {
        Cid own = machine.localCid();
        if (!wanted.cid().equals(Cid.ANY)
                && !wanted.cid().equals(own)
                && !wanted.cid().equals(Cid.LOCAL)) {
            throw new VsockException(Reason.NOT_LOCAL, "this machine has CID " + own, wanted);
        }
        lock.lock();
        try {
            checkOn(machine, wanted);
            VsockAddress address = new VsockAddress(
                    own, wanted.port() == VsockAddress.ANY_PORT ? ports.getAndIncrement() : wanted.port());
            if (listeners.putIfAbsent(address, listener) != null) {
                throw new VsockException(Reason.PORT_TAKEN, "somebody else listens on that port", wanted);
            }
            return address;
        } finally {
            lock.unlock();
        }
    }

    private void checkOn(LoopbackTransport machine, VsockAddress address) throws VsockException {
        if (machines.get(machine.localCid()) != machine) {
            throw new VsockException(Reason.TRANSPORT_MISSING, "this machine is not on the network any more", address);
        }
    }

    void unbind(VsockAddress address, LoopbackListener listener) {
        lock.lock();
        try {
            listeners.remove(address, listener);
        } finally {
            lock.unlock();
        }
    }

    /** Connects a stream, or says why not; null if nobody will ever answer. */
    @Nullable Link connect(LoopbackTransport from, VsockAddress to) throws VsockException {
        LoopbackListener listener;
        Link link;
        lock.lock();
        try {
            checkOn(from, to);
            if (faults.ignores(to)) {
                return null;
            }
            Cid cid = to.cid().equals(Cid.LOCAL) ? from.localCid() : resolve(to.cid());
            LoopbackTransport machine = machines.get(cid);
            if (machine == null) {
                throw new VsockException(Reason.NO_SUCH_CID, "no machine with that CID", to);
            }
            listener = faults.refuses(to) ? null : listeners.get(new VsockAddress(cid, to.port()));
            if (listener == null || !listener.reserve()) {
                throw new VsockException(Reason.NOBODY_LISTENS, "nobody listens there", to);
            }
            VsockAddress client = new VsockAddress(from.localCid(), ports.getAndIncrement());
            link = new Link(this, client, new VsockAddress(cid, to.port()), to, from, machine, halfClose);
            links.add(link);
        } finally {
            lock.unlock();
        }
        faults.opened(link);
        listener.arrive(link);
        return link;
    }

    void ended(Link link) {
        links.remove(link);
    }

    void kill(Cid cid) {
        LoopbackTransport dead;
        List<LoopbackListener> its;
        lock.lock();
        try {
            dead = machines.remove(cid);
            its = listeners.entrySet().stream()
                    .filter(e -> e.getKey().cid().equals(cid))
                    .map(Map.Entry::getValue)
                    .toList();
        } finally {
            lock.unlock();
        }
        its.forEach(LoopbackListener::close);
        links.stream().filter(l -> dead != null && l.touches(dead)).forEach(Link::reset);
    }
}
