package io.ebridge.testkit;

import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * What can go wrong on a {@link LoopbackNetwork}. Faults of single streams are set on their {@link LoopbackLink}: from {@link LoopbackNetwork#links()} for those that are open, with {@link #onOpen(Consumer)} for those to come.
 *
 * <p>Safe for use by many threads; everything takes effect at once.
 */
public final class Faults {
    private final LoopbackNetwork network;
    private final CopyOnWriteArrayList<Consumer<LoopbackLink>> onOpen = new CopyOnWriteArrayList<>();
    private final Set<VsockAddress> refused = ConcurrentHashMap.newKeySet();
    private final Set<VsockAddress> ignored = ConcurrentHashMap.newKeySet();

    Faults(LoopbackNetwork network) {
        this.network = network;
    }

    /** Takes a fault back. */
    public interface Undo extends AutoCloseable {
        /** Takes it back. Does nothing the second time. */
        @Override
        void close();
    }

    /**
     * Does something to every stream that is opened from now on, before its first byte.
     *
     * @param fault what to do; called on the thread that connects, must not block
     * @return takes it back
     */
    public Undo onOpen(Consumer<LoopbackLink> fault) {
        // A list removes by equality; a wrapper makes each registration one of its own.
        Consumer<LoopbackLink> registration = link -> fault.accept(link);
        onOpen.add(registration);
        return () -> onOpen.remove(registration);
    }

    /**
     * Refuses streams to an address as if nobody listened.
     *
     * @param address as the client names it
     * @return takes it back
     */
    public Undo refuse(VsockAddress address) {
        refused.add(address);
        return () -> refused.remove(address);
    }

    /**
     * Never answers streams to an address, so that connects time out.
     *
     * @param address as the client names it
     * @return takes it back
     */
    public Undo ignore(VsockAddress address) {
        ignored.add(address);
        return () -> ignored.remove(address);
    }

    /**
     * Takes a machine off the network as if it had crashed: its streams are cut, its listeners close, and its transport does nothing any more. {@link LoopbackNetwork#machine(Cid)} starts another with the same CID.
     *
     * @param cid which machine; nothing happens if there is none
     */
    public void kill(Cid cid) {
        network.kill(cid);
    }

    boolean refuses(VsockAddress address) {
        return refused.contains(address);
    }

    boolean ignores(VsockAddress address) {
        return ignored.contains(address);
    }

    void opened(LoopbackLink link) {
        onOpen.forEach(f -> f.accept(link));
    }
}
