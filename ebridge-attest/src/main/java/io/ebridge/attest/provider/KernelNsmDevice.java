package io.ebridge.attest.provider;

import io.ebridge.attest.Availability;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The device file, through whatever this Java runtime offers for an ioctl. */
final class KernelNsmDevice implements NsmDevice {

    /** Stands for the C library's {@code ioctl}. */
    static final long C_LIBRARY = 0;

    private final Path device;
    private final long ioctl;

    KernelNsmDevice(Path device) {
        this(device, C_LIBRARY);
    }

    /** With the address of a native function that is called in place of the C library's {@code ioctl}: a test plays the driver so. */
    KernelNsmDevice(Path device, long ioctl) {
        this.device = Objects.requireNonNull(device, "device");
        this.ioctl = ioctl;
    }

    @Override
    public Availability available() {
        String missing = NsmIoctl.missing();
        if (!missing.isEmpty()) {
            return Availability.no(missing);
        }
        if (!Files.exists(device)) {
            return Availability.no("there is no " + device
                    + ": this is not a Nitro enclave, or the kernel has no nsm driver (built in from Linux 6.8)");
        }
        if (!Files.isReadable(device) || !Files.isWritable(device)) {
            return Availability.no("this process may not open " + device + " for reading and writing");
        }
        return Availability.yes();
    }

    @Override
    public byte[] exchange(byte[] request) throws EvidenceUnavailableException {
        if (request.length == 0 || request.length > MAX_REQUEST) {
            throw new IllegalArgumentException("a request has 1 to " + MAX_REQUEST + " bytes, not " + request.length);
        }
        String missing = NsmIoctl.missing();
        if (!missing.isEmpty()) {
            throw new EvidenceUnavailableException(Reason.UNSUPPORTED_RUNTIME, missing, null);
        }
        return NsmIoctl.exchange(device.toString(), request, ioctl);
    }

    @Override
    public String toString() {
        return device.toString();
    }
}
