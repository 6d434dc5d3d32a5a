package io.ebridge.attest.nitro;

import io.ebridge.attest.Bytes;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
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
    private final PcrSet pcrs;
    private final Optional<Bytes> certificate;

    EifMeasurements(int version, Architecture architecture, PcrSet pcrs, Optional<Bytes> certificate) {
        this.version = version;
        this.architecture = architecture;
        this.pcrs = pcrs;
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
     * @return 48 bytes
     */
    public Bytes pcr0() {
        return value(0);
    }

    /**
     * The measurement of kernel, command line and first ramdisk.
     *
     * @return 48 bytes
     */
    public Bytes pcr1() {
        return value(1);
    }

    /**
     * The measurement of the application, that is of the second ramdisk and those after it.
     *
     * @return 48 bytes
     */
    public Bytes pcr2() {
        return value(2);
    }

    /**
     * The measurement of the signing certificate.
     *
     * @return 48 bytes; empty if the image is not signed, and then the enclave's PCR8 is zero
     */
    public Optional<Bytes> pcr8() {
        return Optional.ofNullable(pcrs.values().get(8));
    }

    /**
     * The certificate whose key signed PCR0. Neither its issuer nor its dates have been checked.
     *
     * @return its DER; empty if the image is not signed
     */
    public Optional<Bytes> signingCertificate() {
        return certificate;
    }

    /**
     * The measurements as a set that a policy accepts.
     *
     * @return registers 0, 1, 2 and, for a signed image, 8
     */
    public PcrSet pcrs() {
        return pcrs;
    }

    private Bytes value(int index) {
        return java.util.Objects.requireNonNull(pcrs.values().get(index), "an image has PCR0, PCR1 and PCR2");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EifMeasurements that
                && version == that.version
                && architecture == that.architecture
                && pcrs.equals(that.pcrs)
                && certificate.equals(that.certificate);
    }

    @Override
    public int hashCode() {
        return Objects.hash(version, architecture, pcrs, certificate);
    }

    /** Register names and values in hexadecimal, one line each, as the vendor's tools print them. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("EIF version " + version + ", " + architecture);
        pcrs.values()
                .forEach((index, value) ->
                        text.append("\nPCR").append(index).append(": ").append(value));
        return text.toString();
    }
}
