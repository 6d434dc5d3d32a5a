package io.ebridge.attest.provider;

import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * One ioctl on /dev/nsm through the foreign function API. Source: Linux, include/uapi/linux/nsm.h: {@code _IOWR(0x0A, 0,
 * struct nsm_raw)}, two pairs of address and length; the kernel sets the second length to that of the response.
 */
@SuppressWarnings("restricted")
final class NsmIoctl {

    private static final long IOCTL_RAW = 0xC020_0A00L;
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;

    private static final int EPERM = 1;
    private static final int ENOENT = 2;
    private static final int EINTR = 4;
    private static final int ENXIO = 6;
    private static final int EACCES = 13;
    private static final int ENODEV = 19;
    private static final int ENOTTY = 25;
    private static final int EMSGSIZE = 90;

    private static final int INTERRUPTIONS = 16;

    private NsmIoctl() {}

    /** What is missing for {@link #exchange} to work, or nothing. */
    static String missing() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return "the Nitro Secure Module exists on Linux only";
        }
        return NsmIoctl.class.getModule().isNativeAccessEnabled() || nativeAccessByDefault()
                ? ""
                : "native access is denied: start Java with --enable-native-access=io.ebridge.attest"
                        + " (ALL-UNNAMED if ebridge-attest is on the class path)";
    }

    /** Unless the command line names somebody, the runtime grants native access on first use, with a warning. */
    private static boolean nativeAccessByDefault() {
        try {
            Functions.CLOSE.type();
            return true;
        } catch (IllegalCallerException | ExceptionInInitializerError | NoClassDefFoundError e) {
            return false;
        }
    }

    /** Opens the device, makes the call through the function at an address, {@link KernelNsmDevice#C_LIBRARY} or another, and closes it. */
    static byte[] exchange(String device, byte[] request, long ioctl) throws EvidenceUnavailableException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Functions.STATE);
            MemorySegment function =
                    ioctl == KernelNsmDevice.C_LIBRARY ? Functions.C_IOCTL : MemorySegment.ofAddress(ioctl);
            int fd = retry(state, () ->
                    (int) Functions.OPEN.invokeExact(state, arena.allocateFrom(device), O_RDWR | O_CLOEXEC));
            if (fd < 0) {
                throw failure("open", device, errno(state));
            }
            try {
                return exchange(arena, state, fd, device, request, function);
            } finally {
                call(() -> (int) Functions.CLOSE.invokeExact(state, fd));
            }
        }
    }

    private static byte[] exchange(
            Arena arena, MemorySegment state, int fd, String device, byte[] request, MemorySegment function)
            throws EvidenceUnavailableException {
        MemorySegment out = arena.allocateFrom(ValueLayout.JAVA_BYTE, request);
        MemorySegment in = arena.allocate(NsmDevice.MAX_RESPONSE);
        MemorySegment raw = arena.allocate(Functions.RAW);
        Functions.REQUEST_ADDRESS.set(raw, 0L, out.address());
        Functions.REQUEST_LENGTH.set(raw, 0L, (long) request.length);
        Functions.RESPONSE_ADDRESS.set(raw, 0L, in.address());
        Functions.RESPONSE_LENGTH.set(raw, 0L, (long) NsmDevice.MAX_RESPONSE);
        int result = retry(state, () -> (int) Functions.IOCTL.invokeExact(function, state, fd, IOCTL_RAW, raw));
        if (result < 0) {
            throw failure("ioctl on", device, errno(state));
        }
        long length = (long) Functions.RESPONSE_LENGTH.get(raw, 0L);
        if (length <= 0 || length > NsmDevice.MAX_RESPONSE) {
            throw new EvidenceUnavailableException(
                    Reason.BAD_ANSWER, device + " states a response of " + length + " bytes", null);
        }
        return in.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private interface NativeCall {
        int run() throws Throwable;
    }

    /** A signal may interrupt the call before anything happened; the runtime's own do. */
    private static int retry(MemorySegment state, NativeCall function) {
        int result = call(function);
        for (int i = 0; i < INTERRUPTIONS && result < 0 && errno(state) == EINTR; i++) {
            result = call(function);
        }
        return result;
    }

    private static int call(NativeCall function) {
        try {
            return function.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a native call threw", e);
        }
    }

    private static int errno(MemorySegment state) {
        return (int) Functions.ERRNO.get(state, 0L);
    }

    private static EvidenceUnavailableException failure(String what, String device, int errno) {
        String detail =
                switch (errno) {
                    case EPERM -> "EPERM, not permitted";
                    case ENOENT -> "ENOENT, no such file";
                    case EINTR -> "EINTR, interrupted again and again";
                    case ENXIO -> "ENXIO, no such device";
                    case EACCES -> "EACCES, permission denied";
                    case ENODEV -> "ENODEV, no such device";
                    case ENOTTY -> "ENOTTY, this is not a Nitro Secure Module";
                    case EMSGSIZE -> "EMSGSIZE, request or response too long";
                    default -> "errno " + errno;
                };
        Reason reason =
                switch (errno) {
                    case EPERM, ENOENT, ENXIO, EACCES, ENODEV, ENOTTY -> Reason.NO_DEVICE;
                    case EINTR -> Reason.INTERRUPTED;
                    default -> Reason.DEVICE_REFUSED;
                };
        return new EvidenceUnavailableException(reason, what + " " + device + " failed with " + detail, null);
    }

    /** Looked up on first use, so that loading the outer class never touches native code. */
    private static final class Functions {

        static final StructLayout STATE = Linker.Option.captureStateLayout();
        static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
        static final StructLayout RAW = MemoryLayout.structLayout(
                ValueLayout.JAVA_LONG.withName("request_address"),
                ValueLayout.JAVA_LONG.withName("request_length"),
                ValueLayout.JAVA_LONG.withName("response_address"),
                ValueLayout.JAVA_LONG.withName("response_length"));
        static final VarHandle REQUEST_ADDRESS = RAW.varHandle(PathElement.groupElement("request_address"));
        static final VarHandle REQUEST_LENGTH = RAW.varHandle(PathElement.groupElement("request_length"));
        static final VarHandle RESPONSE_ADDRESS = RAW.varHandle(PathElement.groupElement("response_address"));
        static final VarHandle RESPONSE_LENGTH = RAW.varHandle(PathElement.groupElement("response_length"));

        static final MethodHandle OPEN = function(
                "open",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        static final MemorySegment C_IOCTL = find("ioctl");
        /** Takes the function's address as its first argument. */
        static final MethodHandle IOCTL = Linker.nativeLinker()
                .downcallHandle(
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                        Linker.Option.firstVariadicArg(2),
                        Linker.Option.captureCallState("errno"));

        static final MethodHandle CLOSE =
                function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

        private static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
            Linker.Option[] all = java.util.Arrays.copyOf(options, options.length + 1);
            all[options.length] = Linker.Option.captureCallState("errno");
            return Linker.nativeLinker().downcallHandle(find(name), type, all);
        }

        private static MemorySegment find(String name) {
            return Linker.nativeLinker()
                    .defaultLookup()
                    .find(name)
                    .orElseThrow(() -> new IllegalStateException("the C library has no " + name));
        }
    }
}
