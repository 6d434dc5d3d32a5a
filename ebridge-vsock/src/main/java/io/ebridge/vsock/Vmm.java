package io.ebridge.vsock;

import java.util.Set;

/** What stands on the other side of a hybrid VSOCK socket, and therefore what its streams can do. */
public enum Vmm {
    /** Another JVM with this library in the opposite role: two processes on one machine, without any VMM. Ends of streams are kept apart. */
    EBRIDGE(Set.of(Capability.HALF_CLOSE)),
    /** Firecracker: ends the whole stream when one side ends its output (read from its source, 2026). */
    FIRECRACKER(Set.of()),
    /** Cloud Hypervisor from June 2026 on, which keeps half-closed streams; tell an older one with {@link HybridOptions.Builder#halfClose(boolean)}. */
    CLOUD_HYPERVISOR(Set.of(Capability.HALF_CLOSE)),
    /** QEMU with vhost-device-vsock: no half-close (open in its tracker, 2026), and the number in {@code OK} means nothing. */
    VHOST_DEVICE_VSOCK(Set.of());

    private final Set<Capability> capabilities;

    Vmm(Set<Capability> capabilities) {
        this.capabilities = capabilities;
    }

    /**
     * What streams through it can do.
     *
     * @return an immutable set
     */
    public Set<Capability> capabilities() {
        return capabilities;
    }
}
