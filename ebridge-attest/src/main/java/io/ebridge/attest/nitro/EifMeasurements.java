package io.ebridge.attest.nitro;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an AWS Nitro Enclave that is started from a given image file will attest: PCR0, PCR1, PCR2 and, for a signed
 * image, PCR8.
 *
 * <p>Guaranteed: the file was read to its end in one pass and in constant memory, its table of sections is what it
 * holds, its checksum is right, and where it is signed the signature covers this image's PCR0. Not guaranteed: who
 * signed it (look at {@link #signingCertificate()} or pin {@link #pcr8()}), what is in it, or that it boots. PCR3
 * (instance role) and PCR4 (instance) depend on where the image runs and cannot come from a file.
 *
 * <pre>{@code
 * EifMeasurements image = EifMeasurements.of(Path.of("orders.eif"));
 * NitroPolicy policy = NitroPolicy.builder().allow(image).build();
 * }</pre>
 *
 * <p>Each value is 48 bytes: SHA-384 over 48 zero bytes and the SHA-384 of the content, where the content is, without
 * headers and in file order: all of kernel, command line and ramdisks (PCR0); kernel, command line and the first
 * ramdisk (PCR1); the other ramdisks (PCR2, the digest of nothing if there are none); the signing certificate in DER
 * (PCR8). Source: aws-nitro-enclaves-image-format, README, "Enclave Image File (EIF) Specification" of 2024-06-21,
 * sections "The File Format" and "EIF Measurements". Immutable.
 */
public final class EifMeasurements {

    /** The processor that an image is for. */
    public enum Architecture {
        /** Intel and AMD. */
        X86_64,
        /** Graviton. */
        AARCH64
    }

    private final int version;
    private final Architecture architecture;
    private final byte[] pcr0;
    private final byte[] pcr1;
    private final byte[] pcr2;
    private final byte @Nullable [] pcr8;
    private final byte @Nullable [] certificate;

    EifMeasurements(
            int version,
            Architecture architecture,
            byte[] pcr0,
            byte[] pcr1,
            byte[] pcr2,
            byte @Nullable [] pcr8,
            byte @Nullable [] certificate) {
        this.version = version;
        this.architecture = architecture;
        this.pcr0 = pcr0;
        this.pcr1 = pcr1;
        this.pcr2 = pcr2;
        this.pcr8 = pcr8;
        this.certificate = certificate;
    }

    /**
     * Measures an image file of any size.
     *
     * @param file the image
     * @return its measurements
     * @throws EifFormatException if the file is not a well-formed image
     * @throws IOException if it cannot be read
     */
    public static EifMeasurements of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return of(in);
        }
    }

    /**
     * Measures an image from a stream, which is read to its end and not closed.
     *
     * @param in the image, from its first byte
     * @return its measurements
     * @throws EifFormatException if the bytes are not a well-formed image
     * @throws IOException if they cannot be read
     */
    public static EifMeasurements of(InputStream in) throws IOException {
        return EifReader.read(new BufferedInputStream(Objects.requireNonNull(in, "in"), 4096));
    }

    /**
     * The format version of the file.
     *
     * @return 2, 3 or 4
     */
    public int version() {
        return version;
    }

    /**
     * The processor that the image is for.
     *
     * @return the architecture
     */
    public Architecture architecture() {
        return architecture;
    }

    /**
     * The measurement of the whole image.
     *
     * @return a copy, 48 bytes
     */
    public byte[] pcr0() {
        return pcr0.clone();
    }

    /**
     * The measurement of kernel, command line and first ramdisk.
     *
     * @return a copy, 48 bytes
     */
    public byte[] pcr1() {
        return pcr1.clone();
    }

    /**
     * The measurement of the application, that is of the second ramdisk and those after it.
     *
     * @return a copy, 48 bytes
     */
    public byte[] pcr2() {
        return pcr2.clone();
    }

    /**
     * The measurement of the signing certificate.
     *
     * @return a copy, 48 bytes; empty if the image is not signed, and then the enclave's PCR8 is zero
     */
    public Optional<byte[]> pcr8() {
        return Optional.ofNullable(pcr8).map(byte[]::clone);
    }

    /**
     * The certificate whose key signed PCR0. Neither its issuer nor its dates have been checked.
     *
     * @return a copy, DER; empty if the image is not signed
     */
    public Optional<byte[]> signingCertificate() {
        return Optional.ofNullable(certificate).map(byte[]::clone);
    }

    /**
     * The measurements by register, as a policy wants them.
     *
     * @return registers 0, 1, 2 and, for a signed image, 8, with copies of their values
     */
    public Map<Integer, byte[]> pcrs() {
        Map<Integer, byte[]> result = new TreeMap<>();
        result.put(0, pcr0());
        result.put(1, pcr1());
        result.put(2, pcr2());
        pcr8().ifPresent(value -> result.put(8, value));
        return result;
    }

    /** Register names and values in hexadecimal, one line each, as the vendor's tools print them. */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        StringBuilder text = new StringBuilder("EIF version " + version + ", " + architecture);
        pcrs().forEach((index, value) ->
                text.append("\nPCR").append(index).append(": ").append(hex.formatHex(value)));
        return text.toString();
    }
}
