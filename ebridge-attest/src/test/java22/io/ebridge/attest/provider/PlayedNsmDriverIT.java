package io.ebridge.attest.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import io.ebridge.attest.cbor.CborReader;
import io.ebridge.attest.cbor.CborWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The call on the packaged jar, against a native function that does what the kernel's driver does (Linux, drivers/misc/nsm.c): it looks at the request
 * number and at the two pairs of address and length, reads the request, writes the response and its length.
 */
@SuppressWarnings("restricted")
class PlayedNsmDriverIT {

    private static final long REQUEST_NUMBER = 0xC020_0A00L;
    private static final int EINTR = 4;
    private static final int EINVAL = 22;
    private static final int ENOTTY = 25;
    private static final int EMSGSIZE = 90;
    private static final int NSM_RESPONSE_MAX_SIZE = 0x3000;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment stub = stub();
    private volatile UnaryOperator<byte[]> module = request -> request;
    private volatile int interruptions;
    private volatile long statedLength = -1;
    private volatile int calls;
    private volatile String openedFile = "";

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        arena.close();
    }

    private MemorySegment stub() {
        try {
            MethodHandle driver = MethodHandles.lookup()
                    .bind(this, "ioctl", MethodType.methodType(int.class, int.class, long.class, MemorySegment.class));
            return Linker.nativeLinker()
                    .upcallStub(
                            driver,
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.ADDRESS.withTargetLayout(
                                            MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_LONG))),
                            arena);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /** The driver. An exception here would end the process, so whatever is wrong becomes an error number. */
    private int ioctl(int descriptor, long number, MemorySegment raw) {
        calls++;
        try {
            openedFile = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            if (number != REQUEST_NUMBER) {
                return fail(ENOTTY);
            }
            if (interruptions > 0) {
                interruptions--;
                return fail(EINTR);
            }
            long length = raw.getAtIndex(ValueLayout.JAVA_LONG, 1);
            long room = raw.getAtIndex(ValueLayout.JAVA_LONG, 3);
            if (room != NSM_RESPONSE_MAX_SIZE) {
                return fail(EINVAL);
            }
            byte[] request = MemorySegment.ofAddress(raw.getAtIndex(ValueLayout.JAVA_LONG, 0))
                    .reinterpret(length)
                    .toArray(ValueLayout.JAVA_BYTE);
            byte[] response = module.apply(request);
            if (response.length > room) {
                return fail(EMSGSIZE);
            }
            MemorySegment.ofAddress(raw.getAtIndex(ValueLayout.JAVA_LONG, 2))
                    .reinterpret(room)
                    .copyFrom(MemorySegment.ofArray(response));
            raw.setAtIndex(ValueLayout.JAVA_LONG, 3, statedLength < 0 ? response.length : statedLength);
            return 0;
        } catch (Exception e) {
            return fail(EINVAL);
        }
    }

    /** Sets the C library's error number for the calling thread, as its wrapper of the system call does. */
    private static int fail(int errno) {
        try {
            MethodHandle location = Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker()
                                    .defaultLookup()
                                    .find("__errno_location")
                                    .orElseThrow(),
                            FunctionDescriptor.of(ValueLayout.ADDRESS.withTargetLayout(ValueLayout.JAVA_INT)));
            ((MemorySegment) location.invokeExact()).set(ValueLayout.JAVA_INT, 0, errno);
            return -1;
        } catch (Throwable e) {
            return -2;
        }
    }

    private NsmDevice device() throws Exception {
        Path file = directory.resolve("nsm");
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
        return new KernelNsmDevice(file, stub.address());
    }

    private EvidenceUnavailableException refusal() throws Exception {
        NsmDevice device = device();
        return catchThrowableOfType(EvidenceUnavailableException.class, () -> device.exchange(new byte[] {1}));
    }

    @Test
    void theRequestArrivesAndTheResponseComesBack() throws Exception {
        byte[] request = new byte[NsmDevice.MAX_REQUEST];
        byte[] response = new byte[NsmDevice.MAX_RESPONSE];
        new Random(1).nextBytes(request);
        new Random(2).nextBytes(response);
        module = asked -> Arrays.equals(asked, request) ? response : new byte[] {0};
        NsmDevice device = device();
        assertThat(device.available().available()).isTrue();
        assertThat(device.exchange(request)).isEqualTo(response);
        assertThat(openedFile).isEqualTo(directory.resolve("nsm").toRealPath().toString());
        assertThat(calls).isEqualTo(1);
        module = asked -> new byte[] {7};
        assertThat(device.exchange(new byte[] {1})).containsExactly(7);
    }

    @Test
    void aDocumentComesThroughTheProvider() throws Exception {
        byte[] reportData = new byte[64];
        Arrays.fill(reportData, (byte) 5);
        byte[] document = {1, 2, 3};
        module = request -> {
            try {
                CborReader in = CborReader.of(request);
                in.openMap(1);
                boolean asked = in.readText(64).equals("Attestation");
                in.openMap(3);
                boolean carried = in.readText(64).equals("user_data")
                        && Arrays.equals(in.readBytes(1024), reportData)
                        && in.readText(64).equals("nonce")
                        && Arrays.equals(in.readBytes(1024), new byte[] {9});
                return asked && carried
                        ? new CborWriter()
                                .map(1)
                                .text("Attestation")
                                .map(1)
                                .text("document")
                                .bytes(document)
                                .toByteArray()
                        : new byte[] {0};
            } catch (Exception e) {
                return new byte[] {0};
            }
        };
        assertThat(NitroProvider.of(device())
                        .quote(EvidenceRequest.of(reportData).withNonce(new byte[] {9}))
                        .bytes())
                .isEqualTo(Bytes.of(document));
    }

    @Test
    void aCallThatASignalInterruptsIsMadeAgain() throws Exception {
        interruptions = 3;
        module = request -> new byte[] {7};
        assertThat(device().exchange(new byte[] {1})).containsExactly(7);
        assertThat(calls).isEqualTo(4);
    }

    @Test
    void aCallThatIsInterruptedForEverEnds() throws Exception {
        interruptions = Integer.MAX_VALUE;
        assertThat(refusal().reason()).isEqualTo(Reason.INTERRUPTED);
    }

    @Test
    void theDriversErrorsAreNamed() throws Exception {
        module = request -> new byte[NSM_RESPONSE_MAX_SIZE + 1];
        EvidenceUnavailableException e = refusal();
        assertThat(e.reason()).isEqualTo(Reason.DEVICE_REFUSED);
        assertThat(e).hasMessageContaining("EMSGSIZE");
    }

    @Test
    void aLengthThatDoesNotFitIsRefused() throws Exception {
        for (long length : new long[] {0, NSM_RESPONSE_MAX_SIZE + 1, Long.MAX_VALUE}) {
            statedLength = length;
            assertThat(refusal().reason()).isEqualTo(Reason.BAD_ANSWER);
        }
    }
}
