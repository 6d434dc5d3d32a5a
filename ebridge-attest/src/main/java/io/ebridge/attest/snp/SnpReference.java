package io.ebridge.attest.snp;

import io.ebridge.attest.Bytes;
import java.util.Optional;

/**
 * One set of reference values for a guest. Evidence matches it if every value that is present agrees; a policy holds one
 * or more of them.
 *
 * <p>A set identifies the guest by its launch measurement, or by who signed it: the digest of the ID key or of the author
 * key of its ID block. Host data, family and image alone identify nothing, since the host or any signer may choose them.
 *
 * @param measurement the launch measurement, 48 bytes
 * @param idKeyDigest SHA-384 of the ID key, 48 bytes
 * @param authorKeyDigest SHA-384 of the author key, 48 bytes; the report must say that one is present
 * @param familyId the family, 16 bytes
 * @param imageId the image, 16 bytes
 * @param hostData the host data, 32 bytes
 * @param minGuestSvn the least security version of the guest, 0 to 2^32-1
 */
public record SnpReference(
        Optional<Bytes> measurement,
        Optional<Bytes> idKeyDigest,
        Optional<Bytes> authorKeyDigest,
        Optional<Bytes> familyId,
        Optional<Bytes> imageId,
        Optional<Bytes> hostData,
        long minGuestSvn) {

    /**
     * Checks the lengths, and that the set identifies something.
     *
     * @param measurement the launch measurement, 48 bytes
     * @param idKeyDigest SHA-384 of the ID key, 48 bytes
     * @param authorKeyDigest SHA-384 of the author key, 48 bytes
     * @param familyId the family, 16 bytes
     * @param imageId the image, 16 bytes
     * @param hostData the host data, 32 bytes
     * @param minGuestSvn the least security version of the guest, 0 to 2^32-1
     * @throws IllegalArgumentException if a length is not as described, or neither measurement nor a key is present, or a
     *     digest is all zero
     */
    public SnpReference {
        length(measurement, 48, "a measurement");
        length(idKeyDigest, 48, "an ID key digest");
        length(authorKeyDigest, 48, "an author key digest");
        length(familyId, 16, "a family id");
        length(imageId, 16, "an image id");
        length(hostData, 32, "host data");
        if (measurement.isEmpty() && idKeyDigest.isEmpty() && authorKeyDigest.isEmpty()) {
            throw new IllegalArgumentException("a reference needs a measurement, an ID key or an author key");
        }
        if (zero(measurement) || zero(idKeyDigest) || zero(authorKeyDigest)) {
            throw new IllegalArgumentException("a digest that is all zero stands for none");
        }
        if (minGuestSvn < 0 || minGuestSvn > 0xffff_ffffL) {
            throw new IllegalArgumentException("a guest security version is 0 to 2^32-1, not " + minGuestSvn);
        }
    }

    private static void length(Optional<Bytes> value, int length, String what) {
        if (value.isPresent() && value.get().length() != length) {
            throw new IllegalArgumentException(
                    what + " has " + length + " bytes, not " + value.get().length());
        }
    }

    private static boolean zero(Optional<Bytes> value) {
        return value.isPresent() && value.get().isZero();
    }

    /**
     * A guest by its launch measurement.
     *
     * @param measurement 48 bytes; copied
     * @return the set
     * @throws IllegalArgumentException if it is not 48 bytes
     */
    public static SnpReference ofMeasurement(byte[] measurement) {
        return new SnpReference(
                Optional.of(Bytes.of(measurement)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0);
    }

    /**
     * Any guest whose ID block was signed with one key. Such a key may sign many guests: narrow them by image and security
     * version.
     *
     * @param digest SHA-384 of the ID key as the ABI encodes it, 48 bytes; copied
     * @return the set
     * @throws IllegalArgumentException if it is not 48 bytes
     */
    public static SnpReference ofIdKey(byte[] digest) {
        return new SnpReference(
                Optional.empty(),
                Optional.of(Bytes.of(digest)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0);
    }

    /**
     * Any guest whose ID key was certified with one author key.
     *
     * @param digest SHA-384 of the author key as the ABI encodes it, 48 bytes; copied
     * @return the set
     * @throws IllegalArgumentException if it is not 48 bytes
     */
    public static SnpReference ofAuthorKey(byte[] digest) {
        return new SnpReference(
                Optional.empty(),
                Optional.empty(),
                Optional.of(Bytes.of(digest)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0);
    }

    /**
     * The same set, with an ID key.
     *
     * @param digest 48 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 48 bytes
     */
    public SnpReference withIdKey(byte[] digest) {
        return new SnpReference(
                measurement, Optional.of(Bytes.of(digest)), authorKeyDigest, familyId, imageId, hostData, minGuestSvn);
    }

    /**
     * The same set, with an author key.
     *
     * @param digest 48 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 48 bytes
     */
    public SnpReference withAuthorKey(byte[] digest) {
        return new SnpReference(
                measurement, idKeyDigest, Optional.of(Bytes.of(digest)), familyId, imageId, hostData, minGuestSvn);
    }

    /**
     * The same set, with family and image.
     *
     * @param family 16 bytes; copied
     * @param image 16 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if either is not 16 bytes
     */
    public SnpReference withFamilyAndImage(byte[] family, byte[] image) {
        return new SnpReference(
                measurement,
                idKeyDigest,
                authorKeyDigest,
                Optional.of(Bytes.of(family)),
                Optional.of(Bytes.of(image)),
                hostData,
                minGuestSvn);
    }

    /**
     * The same set, with host data.
     *
     * @param data 32 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 32 bytes
     */
    public SnpReference withHostData(byte[] data) {
        return new SnpReference(
                measurement, idKeyDigest, authorKeyDigest, familyId, imageId, Optional.of(Bytes.of(data)), minGuestSvn);
    }

    /**
     * The same set, with a least security version of the guest.
     *
     * @param svn 0 to 2^32-1
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public SnpReference withMinGuestSvn(long svn) {
        return new SnpReference(measurement, idKeyDigest, authorKeyDigest, familyId, imageId, hostData, svn);
    }
}
