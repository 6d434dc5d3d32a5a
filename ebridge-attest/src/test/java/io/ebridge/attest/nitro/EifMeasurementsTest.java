package io.ebridge.attest.nitro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.nitro.EifFormatException.Reason;
import io.ebridge.attest.nitro.EifMeasurements.Architecture;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The images under resources and their measurements were made by a script in another language with another
 * implementation of everything; their layout follows the image-format specification.
 */
class EifMeasurementsTest {

    private static final int HEADER = 548;
    private static final int CRC_AT = 544;

    static byte[] resource(String name) {
        try (InputStream in = new GZIPInputStream(EifMeasurementsTest.class.getResourceAsStream(name + ".eif.gz"))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static EifMeasurements measure(byte[] image) throws IOException {
        return EifMeasurements.of(new ByteArrayInputStream(image));
    }

    private static EifFormatException rejected(byte[] image) {
        return catchThrowableOfType(EifFormatException.class, () -> measure(image));
    }

    /** Puts the right checksum into a changed image, so that only the change can be what is rejected. */
    static byte[] withChecksum(byte[] image) {
        CRC32 crc = new CRC32();
        crc.update(image, 0, CRC_AT);
        crc.update(image, HEADER, image.length - HEADER);
        ByteBuffer.wrap(image).putInt(CRC_AT, (int) crc.getValue());
        return image;
    }

    @Test
    void anUnsignedImageOfThreeRamdisks(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("plain.eif"), resource("plain"));
        EifMeasurements image = EifMeasurements.of(file);
        assertThat(image.version()).isEqualTo(4);
        assertThat(image.architecture()).isEqualTo(Architecture.X86_64);
        assertThat(image.pcr0().hex())
                .isEqualTo("318a6c39d7978a6640443e079dd241fc46e288779babe032357c277a71e5ec1d"
                        + "c1ea74e4fc67f96f9f04e7d25b510c09");
        assertThat(image.pcr1().hex())
                .isEqualTo("829cdf6b8365ca4a0bd422f80bf7d0014c4eeda51e32bd23dc3ef02ad95075cb"
                        + "527a404e83e04ad44fde88208c83032b");
        assertThat(image.pcr2().hex())
                .isEqualTo("1dbb0128fc16ee80386047ee8867b9451febecbf0e3358114852f5bb3d82ada4"
                        + "3e3daa247de8c9cb1d8329a43b4d8d93");
        assertThat(image.pcr8()).isEmpty();
        assertThat(image.signingCertificate()).isEmpty();
        assertThat(image.toString()).contains("PCR0: 318a6c39").doesNotContain("PCR8");
    }

    @Test
    void anImageWithoutApplicationRamdiskHasThePcr2OfNothing() throws Exception {
        EifMeasurements image = measure(resource("single"));
        assertThat(image.version()).isEqualTo(2);
        assertThat(image.architecture()).isEqualTo(Architecture.AARCH64);
        assertThat(image.pcr0().hex())
                .isEqualTo("304e6cc2ffe30f56186e1e994fa32338d29b774892e17adee9a384a70ce971ce"
                        + "e8984aa52b9fe8a4889e62c23908e18f")
                .isEqualTo(image.pcr1().hex());
        // The value that every such image has, whatever is in it.
        assertThat(image.pcr2().hex())
                .isEqualTo("21b9efbc184807662e966d34f390821309eeac6802309798826296bf3e8bec7c"
                        + "10edb30948c90ba67310f7b964fc500a");
    }

    @Test
    void aSignedImageHasPcr8OfItsCertificate() throws Exception {
        EifMeasurements plain = measure(resource("plain"));
        EifMeasurements signed = measure(resource("signed"));
        assertThat(signed.pcr0()).isEqualTo(plain.pcr0());
        assertThat(signed.pcr8().orElseThrow().hex())
                .isEqualTo("a44a47ed6c45b6b23c6de1c67beb4084b9a6ddf8d0c260d0891e1f8409f27d37"
                        + "3d4e2a46274643e111f374289b64fde6");
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(
                        signed.signingCertificate().orElseThrow().toByteArray()));
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=tiny signer");
        assertThat(signed).isNotEqualTo(plain).isEqualTo(measure(resource("signed")));
    }

    @Test
    void aPolicyTakesTheMeasurementsAsTheyAre() throws Exception {
        EifMeasurements signed = measure(resource("signed"));
        assertThat(NitroPolicy.builder().allow(signed).build().allowed()).containsExactly(signed.pcrs());
        assertThat(signed.pcrs().values()).containsOnlyKeys(0, 1, 2, 8);
    }

    @Test
    void aSignatureOverAnotherImageIsNoSignature() {
        EifFormatException e = rejected(resource("foreign"));
        assertThat(e.reason()).isEqualTo(Reason.SIGNATURE);
        assertThat(e).hasMessageContaining("another PCR0");
    }

    @Test
    void aSignatureThatDoesNotVerifyIsRejected() {
        byte[] image = resource("signed");
        // The last byte of the section is the last byte of s.
        image[image.length - 1] ^= 1;
        EifFormatException e = rejected(withChecksum(image));
        assertThat(e.reason()).isEqualTo(Reason.SIGNATURE);
    }

    @Test
    void everyByteThatIsReadCountsForTheChecksum() {
        byte[] image = resource("single");
        for (int i = 0; i < image.length; i++) {
            byte[] changed = image.clone();
            changed[i] ^= 0x10;
            assertThat(rejected(changed)).as("byte %d", i).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 20, 547, 548, 555, 560, 600, 1881})
    void aCutImageIsTruncated(int length) {
        EifFormatException e = rejected(java.util.Arrays.copyOf(resource("single"), length));
        assertThat(e.reason()).isEqualTo(length < 4 ? Reason.NOT_AN_EIF : Reason.TRUNCATED);
    }

    @Test
    void bytesBehindTheLastSectionAreRejected() {
        byte[] image = resource("single");
        assertThat(rejected(java.util.Arrays.copyOf(image, image.length + 1)).reason())
                .isEqualTo(Reason.TRAILING_DATA);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 65535})
    void otherVersionsAreRejected(int version) {
        byte[] image = resource("single");
        ByteBuffer.wrap(image).putShort(4, (short) version);
        assertThat(rejected(withChecksum(image)).reason()).isEqualTo(Reason.UNSUPPORTED_VERSION);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 33, 65535})
    void theNumberOfSectionsIsTwoToThirtyTwo(int sections) {
        byte[] image = resource("single");
        ByteBuffer.wrap(image).putShort(26, (short) sections);
        assertThat(rejected(withChecksum(image)).reason()).isEqualTo(Reason.SECTIONS);
    }

    @Test
    void theTableMustBeWhatTheFileHolds() {
        byte[] wrongOffset = resource("single");
        ByteBuffer.wrap(wrongOffset).putLong(28, 549);
        assertThat(rejected(withChecksum(wrongOffset)).reason()).isEqualTo(Reason.SECTIONS);
        byte[] wrongSize = resource("single");
        ByteBuffer.wrap(wrongSize).putLong(28 + 256, 1);
        assertThat(rejected(withChecksum(wrongSize)).reason()).isEqualTo(Reason.SECTIONS);
    }

    @Test
    void anImpossibleSizeCostsNothing() {
        for (long size : new long[] {-1, Long.MAX_VALUE, Long.MAX_VALUE - 600, 1L << 40}) {
            byte[] image = resource("single");
            ByteBuffer.wrap(image).putLong(28 + 256, size).putLong(HEADER + 4, size);
            assertThat(rejected(image).reason()).isIn(Reason.SECTIONS, Reason.TRUNCATED);
        }
    }

    @Test
    void sectionsOfUnknownTypeDoubledOrMissingAreRejected() throws Exception {
        byte[] data = {1, 2, 3};
        assertThat(rejected(image(2, section(0, data), section(2, data))).reason())
                .isEqualTo(Reason.SECTIONS);
        assertThat(rejected(image(2, section(6, data), section(2, data))).reason())
                .isEqualTo(Reason.SECTIONS);
        assertThat(rejected(image(2, section(1, data), section(1, data)))).hasMessageContaining("second");
        assertThat(rejected(image(2, section(1, data), section(1, data), section(2, data)))
                        .reason())
                .isEqualTo(Reason.SECTIONS);
        assertThat(rejected(image(2, section(1, data), section(3, data)))).hasMessageContaining("no command line");
        assertThat(rejected(image(2, section(2, data), section(2, data)))).isNotNull();
        assertThat(rejected(image(4, section(1, data), section(2, data)))).hasMessageContaining("no metadata");
        assertThat(rejected(image(2, section(1, data), section(2, data), section(4, data))))
                .hasMessageContaining("version 2 does not have");
        assertThat(rejected(image(3, section(1, data), section(2, data), section(5, data))))
                .hasMessageContaining("version 3 does not have");
        assertThat(rejected(image(2, section(3, data), section(1, data), section(2, data))))
                .hasMessageContaining("before the kernel");
        assertThat(rejected(image(3, section(1, data), section(2, data), section(4, new byte[32769]))))
                .hasMessageContaining("32768");
        assertThat(rejected(image(3, section(1, data), section(2, data), section(4, data)))
                        .reason())
                .isEqualTo(Reason.SIGNATURE);
    }

    @Test
    void aLargeImageIsReadAsAStream() throws Exception {
        long size = 96L << 20;
        byte[] kernel = section(1, new byte[] {9});
        byte[] command = section(2, new byte[] {8});
        ByteBuffer header = header(2, new long[] {1, 1, size});
        byte[] head = ByteBuffer.allocate(12)
                .putShort((short) 3)
                .putShort((short) 0)
                .putLong(size)
                .array();
        CRC32 crc = new CRC32();
        MessageDigest whole = MessageDigest.getInstance("SHA-384");
        whole.update(new byte[] {9, 8});
        crc.update(header.array(), 0, CRC_AT);
        for (byte[] part : new byte[][] {kernel, command, head}) {
            crc.update(part);
        }
        byte[] zeros = new byte[1 << 20];
        for (long at = 0; at < size; at += zeros.length) {
            crc.update(zeros);
            whole.update(zeros);
        }
        header.putInt(CRC_AT, (int) crc.getValue());
        InputStream stream = new java.io.SequenceInputStream(java.util.Collections.enumeration(java.util.List.of(
                new ByteArrayInputStream(header.array()),
                new ByteArrayInputStream(kernel),
                new ByteArrayInputStream(command),
                new ByteArrayInputStream(head),
                new Zeros(size))));
        MessageDigest outer = MessageDigest.getInstance("SHA-384");
        outer.update(new byte[48]);
        assertThat(EifMeasurements.of(stream).pcr0()).isEqualTo(Bytes.of(outer.digest(whole.digest())));
    }

    /** As many zero bytes as were asked for, in small and uneven portions. */
    private static final class Zeros extends InputStream {
        private long left;

        Zeros(long count) {
            left = count;
        }

        @Override
        public int read() {
            return left-- > 0 ? 0 : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int n = (int) Math.min(left, Math.min(length, 40_000));
            java.util.Arrays.fill(into, offset, offset + n, (byte) 0);
            left -= n;
            return n;
        }
    }

    private static byte[] section(int type, byte[] data) {
        return ByteBuffer.allocate(12 + data.length)
                .putShort((short) type)
                .putShort((short) 0)
                .putLong(data.length)
                .put(data)
                .array();
    }

    private static ByteBuffer header(int version, long[] sizes) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        header.put(new byte[] {'.', 'e', 'i', 'f'}).putShort((short) version);
        header.putShort(26, (short) sizes.length);
        long at = HEADER;
        for (int i = 0; i < sizes.length; i++) {
            header.putLong(28 + 8 * i, at);
            header.putLong(28 + 256 + 8 * i, sizes[i]);
            at += 12 + sizes[i];
        }
        return header;
    }

    private static byte[] image(int version, byte[]... sections) throws IOException {
        long[] sizes = new long[sections.length];
        for (int i = 0; i < sections.length; i++) {
            sizes[i] = sections[i].length - 12;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(header(version, sizes).array());
        for (byte[] section : sections) {
            out.write(section);
        }
        return withChecksum(out.toByteArray());
    }
}
