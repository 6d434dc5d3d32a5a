package io.ebridge.vsock;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** Settings of the kernel's AF_VSOCK. Immutable. */
public final class KernelOptions {
    private static final int MIB = 1024 * 1024;

    private final Optional<Cid> localCid;
    private final long bufferBytes;
    private final Duration kernelConnectTimeout;

    private KernelOptions(Builder b) {
        localCid = Optional.ofNullable(b.localCid);
        bufferBytes = b.bufferBytes;
        kernelConnectTimeout = b.kernelConnectTimeout;
    }

    /**
     * Begins with the defaults: the CID is probed, buffers of 4 MiB, 10 seconds for a connect.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The CID of this machine as configured.
     *
     * @return the CID, empty to probe for it
     */
    public Optional<Cid> localCid() {
        return localCid;
    }

    /**
     * The size of each stream's buffers in the kernel.
     *
     * @return bytes
     */
    public long bufferBytes() {
        return bufferBytes;
    }

    /**
     * How long the kernel waits for an answer to a connect.
     *
     * @return the limit
     */
    public Duration kernelConnectTimeout() {
        return kernelConnectTimeout;
    }

    /** Collects settings. Not safe for use by several threads. */
    public static final class Builder {
        private @org.jspecify.annotations.Nullable Cid localCid;
        private long bufferBytes = 4L * MIB;
        private Duration kernelConnectTimeout = Duration.ofSeconds(10);

        private Builder() {}

        /**
         * The CID of this machine. The kernel tells it through an ioctl that Java 17 cannot make, so without this it is probed: a listener can be bound to the machine's own
         * CIDs only, and the usual ones (3 to 4095, then 2 and 1) are tried, once, without connecting anywhere. Where it has a higher number, say so here.
         *
         * @param cid the CID
         * @return this
         */
        public Builder localCid(Cid cid) {
            localCid = Objects.requireNonNull(cid, "cid");
            return this;
        }

        /**
         * The size of each stream's buffers in the kernel ({@code SO_VM_SOCKETS_BUFFER_SIZE}, after the maximum was raised to the same). Kernels from 6.12.92 on reset a stream with many small packets
         * queued in a small buffer; 4 MiB avoids it. To have effect on a stream both ends must be raised.
         *
         * @param bytes 64 KiB to 64 MiB
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder bufferBytes(long bytes) {
            if (bytes < 64 * 1024 || bytes > 64L * MIB) {
                throw new IllegalArgumentException("buffers of " + bytes + " bytes are outside 64 KiB..64 MiB");
            }
            bufferBytes = bytes;
            return this;
        }

        /**
         * How long the kernel waits for an answer to a connect ({@code SO_VM_SOCKETS_CONNECT_TIMEOUT}); its own default is two seconds. A shorter timeout of the caller ends it earlier.
         *
         * @param timeout above zero, one hour at most
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder kernelConnectTimeout(Duration timeout) {
            if (timeout.isZero() || timeout.isNegative() || timeout.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException(
                        "connect timeout " + timeout + " is not above zero and at most one hour");
            }
            kernelConnectTimeout = timeout;
            return this;
        }

        /**
         * The settings.
         *
         * @return an immutable copy
         */
        public KernelOptions build() {
            return new KernelOptions(this);
        }
    }
}
