package io.ebridge.testkit.attest;

import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.provider.DeviceFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Objects;

/**
 * A fake {@code /dev/attestation} of Gramine: what is written to {@code user_report_data} is what the next opening of {@code quote} is over
 * (Gramine documentation, "Attestation and secret provisioning").
 *
 * <p>Guarantees: the order matters as it does in Gramine; fewer than 64 bytes are filled up with zeros, more are refused; other files can be read
 * or written exactly as there.
 *
 * <pre>{@code
 * EvidenceProvider provider = GramineProvider.of(new FakeGramine(FakeQuotingEnclave.sgx()));
 * }</pre>
 *
 * <p>Thread-safe, with one report data for all threads, as in Gramine.
 */
public final class FakeGramine implements DeviceFiles {
    private static final int REPORT_DATA = 64;

    private final FakeQuotingEnclave enclave;
    private byte[] reportData = new byte[REPORT_DATA];
    private String type = "dcap";
    private int disturbances;
    private boolean refusing;

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
     * Lets reading {@code quote} fail, as it does when the quoting enclave cannot be reached.
     *
     * @param refuse whether it fails
     */
    public synchronized void refuse(boolean refuse) {
        refusing = refuse;
    }

    @Override
    public boolean exists(String name) {
        return switch (name) {
            case "", "attestation_type", "user_report_data", "quote" -> true;
            default -> false;
        };
    }

    @Override
    public boolean writable(String name) {
        return name.isEmpty() || name.equals("user_report_data");
    }

    @Override
    public void createDirectory(String name) throws IOException {
        throw new AccessDeniedException(name);
    }

    @Override
    public void removeDirectory(String name) throws IOException {
        throw new AccessDeniedException(name);
    }

    @Override
    public synchronized void write(String name, byte[] content) throws IOException {
        if (!exists(name)) {
            throw new NoSuchFileException(name);
        }
        if (!name.equals("user_report_data")) {
            throw new AccessDeniedException(name);
        }
        if (content.length > REPORT_DATA) {
            throw new IOException("EINVAL: report data of " + content.length + " bytes");
        }
        reportData = Arrays.copyOf(content, REPORT_DATA);
    }

    @Override
    public byte[] read(String name, int limit) throws IOException {
        byte[] content = content(name);
        if (content.length > limit) {
            throw new IOException(name + " has more than " + limit + " bytes");
        }
        return content;
    }

    private synchronized byte[] content(String name) throws IOException {
        return switch (name) {
            case "attestation_type" -> type.getBytes(StandardCharsets.US_ASCII);
            case "user_report_data" -> reportData.clone();
            case "quote" -> quote();
            default -> throw new NoSuchFileException(name);
        };
    }

    private byte[] quote() throws IOException {
        if (refusing || !type.equals("dcap")) {
            throw new IOException("EACCES: no quote");
        }
        if (disturbances > 0) {
            disturbances--;
            reportData[0] ^= 1;
        }
        try {
            return enclave.quote(reportData, null).bytes().toByteArray();
        } catch (EvidenceUnavailableException e) {
            throw new IOException("EIO: no quote", e);
        }
    }
}
