package io.ebridge.attest.nitro;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.nitro.EifFormatException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** One pass over an enclave image: header, sections in file order, digests and checksum, in a fixed buffer. */
final class EifReader {

    private static final byte[] MAGIC = {'.', 'e', 'i', 'f'};
    private static final int MAX_SECTIONS = 32;
    private static final int HEADER_LENGTH = 4 + 2 + 2 + 8 + 8 + 2 + 2 + MAX_SECTIONS * 8 * 2 + 4 + 4;
    private static final int SECTION_HEADER_LENGTH = 2 + 2 + 8;
    private static final int SIGNATURE_LIMIT = 32768;

    private static final int KERNEL = 1;
    private static final int COMMAND_LINE = 2;
    private static final int RAMDISK = 3;
    private static final int SIGNATURE = 4;
    private static final int METADATA = 5;

    private final InputStream in;
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[64 * 1024];
    private final MessageDigest image = sha384();
    private final MessageDigest bootstrap = sha384();
    private final MessageDigest application = sha384();
    private final int[] seen = new int[METADATA + 1];
    private long position;
    private byte @Nullable [] signature;

    private EifReader(InputStream in) {
        this.in = in;
    }

    static EifMeasurements read(InputStream in) throws IOException {
        return new EifReader(in).run();
    }

    private EifMeasurements run() throws IOException {
        byte[] head = new byte[HEADER_LENGTH];
        int got = in.readNBytes(head, 0, MAGIC.length);
        if (got < MAGIC.length || !java.util.Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new EifFormatException(Reason.NOT_AN_EIF, "the file does not begin with .eif");
        }
        readFully(head, MAGIC.length, HEADER_LENGTH - MAGIC.length, "the header");
        position = HEADER_LENGTH;
        ByteBuffer header = ByteBuffer.wrap(head);
        int version = header.getShort(4) & 0xffff;
        if (version < 2 || version > 4) {
            throw new EifFormatException(
                    Reason.UNSUPPORTED_VERSION, "format version " + version + "; 2, 3 and 4 exist");
        }
        boolean arm = (header.getShort(6) & 1) != 0;
        int sections = header.getShort(26) & 0xffff;
        if (sections < 2 || sections > MAX_SECTIONS) {
            throw sections("the header counts " + sections + " sections; 2 to 32 are allowed");
        }
        crc.update(head, 0, HEADER_LENGTH - 4);
        for (int i = 0; i < sections; i++) {
            section(i, version, header.getLong(28 + 8 * i), header.getLong(28 + 8 * (MAX_SECTIONS + i)));
        }
        if (in.read() >= 0) {
            throw new EifFormatException(Reason.TRAILING_DATA, "bytes follow the last section, at " + position);
        }
        need(KERNEL, "kernel");
        need(COMMAND_LINE, "command line");
        if (version >= 4) {
            need(METADATA, "metadata");
        }
        long stated = header.getInt(HEADER_LENGTH - 4) & 0xffffffffL;
        if (stated != crc.getValue()) {
            throw new EifFormatException(
                    Reason.CHECKSUM,
                    String.format("the header states checksum %08x, the file has %08x", stated, crc.getValue()));
        }
        byte[] pcr0 = extend(image);
        PcrSet pcrs =
                PcrSet.of(Map.of(0, Bytes.of(pcr0), 1, Bytes.of(extend(bootstrap)), 2, Bytes.of(extend(application))));
        Optional<Bytes> certificate = Optional.empty();
        byte[] section = signature;
        if (section != null) {
            byte[] der = EifSignature.signingCertificate(section, pcr0);
            certificate = Optional.of(Bytes.of(der));
            pcrs = pcrs.with(8, Bytes.of(extend(sha384(), der)));
        }
        return new EifMeasurements(
                version,
                arm ? EifMeasurements.Architecture.AARCH64 : EifMeasurements.Architecture.X86_64,
                pcrs,
                certificate);
    }

    private void section(int index, int version, long offset, long size) throws IOException {
        if (offset != position) {
            throw sections(
                    "section " + index + " should begin at " + offset + " but the one before ends at " + position);
        }
        byte[] head = new byte[SECTION_HEADER_LENGTH];
        readFully(head, 0, head.length, "the header of section " + index);
        crc.update(head, 0, head.length);
        ByteBuffer view = ByteBuffer.wrap(head);
        int type = view.getShort(0) & 0xffff;
        if (type < KERNEL || type > METADATA) {
            throw sections("section " + index + " is of unknown type " + type);
        }
        if (view.getLong(4) != size) {
            throw sections("section " + index + " has size " + view.getLong(4) + ", the header says " + size);
        }
        if (size < 0 || size > Long.MAX_VALUE - position - SECTION_HEADER_LENGTH) {
            throw sections("section " + index + " has an impossible size");
        }
        if ((type == SIGNATURE && version < 3) || (type == METADATA && version < 4)) {
            throw sections(
                    "section " + index + " is of type " + type + ", which version " + version + " does not have");
        }
        if (type == RAMDISK && seen[KERNEL] == 0) {
            throw sections("a ramdisk comes before the kernel");
        }
        if (type != RAMDISK && seen[type] > 0) {
            throw sections("section " + index + " is a second one of type " + type);
        }
        position += SECTION_HEADER_LENGTH + size;
        switch (type) {
            case KERNEL, COMMAND_LINE -> copy(index, size, image, bootstrap);
            case RAMDISK -> copy(index, size, image, seen[RAMDISK] == 0 ? bootstrap : application);
            case SIGNATURE -> signature(index, size);
            default -> copy(index, size);
        }
        seen[type]++;
    }

    private void signature(int index, long size) throws IOException {
        if (size > SIGNATURE_LIMIT) {
            throw sections("the signature section has " + size + " bytes, at most " + SIGNATURE_LIMIT + " are allowed");
        }
        byte[] bytes = new byte[(int) size];
        readFully(bytes, 0, bytes.length, "section " + index);
        crc.update(bytes, 0, bytes.length);
        signature = bytes;
    }

    private void copy(int index, long size, MessageDigest... digests) throws IOException {
        long left = size;
        while (left > 0) {
            int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (n < 0) {
                throw truncated("section " + index);
            }
            crc.update(buffer, 0, n);
            for (MessageDigest digest : digests) {
                digest.update(buffer, 0, n);
            }
            left -= n;
        }
    }

    private void readFully(byte[] into, int from, int length, String what) throws IOException {
        if (in.readNBytes(into, from, length) != length) {
            throw truncated(what);
        }
    }

    private void need(int type, String name) throws EifFormatException {
        if (seen[type] == 0) {
            throw sections("there is no " + name + " section");
        }
    }

    /** A PCR that starts at zero and is extended once with the digest of the content. */
    private static byte[] extend(MessageDigest content, byte... more) {
        byte[] digest = content.digest(more);
        MessageDigest outer = sha384();
        outer.update(new byte[digest.length]);
        return outer.digest(digest);
    }

    private static EifFormatException sections(String message) {
        return new EifFormatException(Reason.SECTIONS, message);
    }

    private static EifFormatException truncated(String what) {
        return new EifFormatException(Reason.TRUNCATED, "the file ends inside " + what);
    }

    private static MessageDigest sha384() {
        try {
            return MessageDigest.getInstance("SHA-384");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-384", e);
        }
    }
}
