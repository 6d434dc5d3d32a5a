package io.ebridge.testkit.attest;

import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.testkit.files.DeviceFileSystem;
import io.ebridge.testkit.files.DeviceTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A fake {@code /dev/attestation} of Gramine: what is written to {@code user_report_data} is what the next opening of {@code quote} is over
 * (Gramine documentation, "Attestation and secret provisioning").
 *
 * <p>Guarantees: the order matters as it does in Gramine; fewer than 64 bytes are filled up with zeros, more are refused; other files can be read
 * or written exactly as there.
 *
 * <pre>{@code
 * FakeGramine gramine = new FakeGramine(FakeQuotingEnclave.sgx());
 * EvidenceProvider provider = GramineProvider.of(gramine.root());
 * }</pre>
 *
 * <p>{@link #root()} is a path of a file system of its own, not a temporary directory: in an ordinary directory nothing could happen between a write
 * and the next read but by a thread that races with the code under test. So code reaches it by {@link java.nio.file.Path} and
 * {@link java.nio.file.Files}; {@link Path#toFile()} and channels of type {@code FileChannel} do not lead there, and nothing is left on the disk.
 *
 * <p>Thread-safe, with one report data for all threads, as in Gramine.
 */
public final class FakeGramine {
    private static final int REPORT_DATA = 64;
    private static final int OPERATIONS = 4096;

    private final FakeQuotingEnclave enclave;
    private final Path root = DeviceFileSystem.mount(new Files(), "/dev/attestation");
    private final List<String> operations = new ArrayList<>();
    private byte[] reportData = new byte[REPORT_DATA];
    private String type = "dcap";
    private int disturbances;
    private boolean refusing;
    private boolean torn;
    private UnaryOperator<byte[]> change = UnaryOperator.identity();

    /**
     * The pseudo-files of an enclave.
     *
     * @param enclave an SGX enclave, which makes the quotes
     * @throws IllegalArgumentException if it is of another format
     */
    public FakeGramine(FakeQuotingEnclave enclave) {
        if (!(enclave.platform() instanceof FakeSgx)) {
            throw new IllegalArgumentException("Gramine runs in SGX, not in " + enclave.format());
        }
        this.enclave = enclave;
    }

    /**
     * The directory with {@code attestation_type}, {@code user_report_data} and {@code quote}.
     *
     * @return a path of a file system of its own that calls itself {@code /dev/attestation}
     */
    public Path root() {
        return root;
    }

    /**
     * Says another kind of attestation in {@code attestation_type}; with any but {@code dcap} there is no quote.
     *
     * @param value {@code none}, {@code epid} or {@code dcap}
     */
    public synchronized void attestationType(String value) {
        type = Objects.requireNonNull(value, "value");
    }

    /**
     * Lets another writer get between the next writings of report data and the openings of {@code quote} that follow.
     *
     * @param times how often
     */
    public synchronized void disturb(int times) {
        disturbances = times;
    }

    /**
     * Lets opening {@code quote} fail, as it does when the quoting enclave cannot be reached.
     *
     * @param refuse whether it fails
     */
    public synchronized void refuse(boolean refuse) {
        refusing = refuse;
    }

    /** Changes every quote on its way out. */
    synchronized void alter(UnaryOperator<byte[]> everyQuote) {
        change = everyQuote;
    }

    /** Takes {@code quote} away. */
    synchronized void tear() {
        torn = true;
    }

    /** What was written and opened, in order; the first few thousand. */
    synchronized List<String> operations() {
        return List.copyOf(operations);
    }

    private void note(String operation) {
        if (operations.size() < OPERATIONS) {
            operations.add(operation);
        }
    }

    private synchronized void take(byte[] bytes) throws IOException {
        note("write user_report_data");
        if (bytes.length > REPORT_DATA) {
            throw new IOException("Invalid argument: report data of " + bytes.length + " bytes");
        }
        reportData = Arrays.copyOf(bytes, REPORT_DATA);
    }

    private synchronized byte[] reportData() {
        return reportData.clone();
    }

    private synchronized byte[] quote() throws IOException {
        note("open quote");
        if (refusing || !type.equals("dcap")) {
            throw new AccessDeniedException(root.resolve("quote").toString());
        }
        if (disturbances > 0) {
            disturbances--;
            reportData[0] ^= 1;
        }
        try {
            return change.apply(enclave.quote(reportData, null).bytes().toByteArray());
        } catch (EvidenceUnavailableException e) {
            throw new IOException("Input/output error: no quote", e);
        }
    }

    private synchronized byte[] type() {
        return type.getBytes(StandardCharsets.US_ASCII);
    }

    private synchronized boolean isThere(String name) {
        return switch (name) {
            case "attestation_type", "user_report_data" -> true;
            case "quote" -> !torn;
            default -> false;
        };
    }

    /** The directory. Gramine reports no sizes for what is made when it is opened. */
    private final class Files implements DeviceTree {
        @Override
        public @Nullable Node node(String name) {
            if (name.isEmpty()) {
                return Node.directory(false);
            }
            return isThere(name) ? Node.file(true, name.equals("user_report_data"), 0) : null;
        }

        @Override
        public List<String> list(String directory) {
            return isThere("quote")
                    ? List.of("attestation_type", "quote", "user_report_data")
                    : List.of("attestation_type", "user_report_data");
        }

        @Override
        public Opened open(String name) throws IOException {
            return switch (name) {
                case "attestation_type" -> FakeGramine.this::type;
                case "quote" -> {
                    byte[] quote = quote();
                    yield () -> quote;
                }
                case "user_report_data" ->
                    new Opened() {
                        @Override
                        public byte[] content() {
                            return reportData();
                        }

                        @Override
                        public void write(byte[] bytes) throws IOException {
                            take(bytes);
                        }
                    };
                default -> throw new NoSuchFileException(name);
            };
        }

        @Override
        public void createDirectory(String name) throws IOException {
            throw new AccessDeniedException(name);
        }

        @Override
        public void remove(String name) throws IOException {
            throw new AccessDeniedException(name);
        }
    }
}
