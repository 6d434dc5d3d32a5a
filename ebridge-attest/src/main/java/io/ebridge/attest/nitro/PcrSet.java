package io.ebridge.attest.nitro;

import io.ebridge.attest.Bytes;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One complete set of PCR values that a policy accepts: a document matches if each register named here has exactly the value
 * given here.
 *
 * <p>A set says what code runs, so it has PCR0 (the whole image), or PCR1 and PCR2 (kernel and application), or PCR8 (the
 * certificate that signed the image). PCR3 (instance role) and PCR4 (instance) may be added. Values are SHA-384. Source: AWS Nitro
 * Enclaves user guide, "Cryptographic attestation", "Where to get an enclave's measurements".
 *
 * @param name a label that {@link io.ebridge.attest.Appraisal#matched()} repeats, a release say; may be empty
 * @param values register index, 0 to 31, to its value of 48 bytes
 */
public record PcrSet(String name, SortedMap<Integer, Bytes> values) {

    /** The length of a value in bytes. */
    public static final int VALUE_BYTES = 48;

    /** The highest index. */
    public static final int MAX_INDEX = 31;

    /**
     * Checks and copies the values.
     *
     * @param name a label that {@link io.ebridge.attest.Appraisal#matched()} repeats, a release say
     * @param values register index, 0 to 31, to its value of 48 bytes
     * @throws IllegalArgumentException if an index or length is out of range, or the set says nothing of the code
     */
    public PcrSet {
        java.util.Objects.requireNonNull(name, "name");
        SortedMap<Integer, Bytes> copy = new TreeMap<>(values);
        copy.forEach((index, value) -> {
            if (index < 0 || index > MAX_INDEX) {
                throw new IllegalArgumentException("there is no PCR" + index + ": indexes are 0 to " + MAX_INDEX);
            }
            if (value.length() != VALUE_BYTES) {
                throw new IllegalArgumentException(
                        "PCR" + index + " has " + value.length() + " bytes, and SHA-384 has " + VALUE_BYTES);
            }
        });
        if (!copy.containsKey(0) && !copy.containsKey(8) && !(copy.containsKey(1) && copy.containsKey(2))) {
            throw new IllegalArgumentException("a set needs PCR0, or PCR1 and PCR2, or PCR8; it has " + copy.keySet()
                    + " and says nothing of the code");
        }
        values = Collections.unmodifiableSortedMap(copy);
    }

    /**
     * A set of some registers.
     *
     * @param values register index to value
     * @return the set, without a name
     * @throws IllegalArgumentException as the constructor
     */
    public static PcrSet of(Map<Integer, Bytes> values) {
        return new PcrSet("", new TreeMap<>(values));
    }

    /**
     * The set that {@code nitro-cli build-enclave} prints.
     *
     * @param pcr0 the whole image, 96 hexadecimal digits
     * @param pcr1 kernel and bootstrap, 96 hexadecimal digits
     * @param pcr2 application, 96 hexadecimal digits
     * @return the set, without a name
     * @throws IllegalArgumentException if one is not 48 bytes in hexadecimal
     */
    public static PcrSet ofHex(String pcr0, String pcr1, String pcr2) {
        return of(Map.of(0, Bytes.ofHex(pcr0), 1, Bytes.ofHex(pcr1), 2, Bytes.ofHex(pcr2)));
    }

    /**
     * The same set with one more register.
     *
     * @param index 0 to 31
     * @param value 48 bytes
     * @return a copy
     * @throws IllegalArgumentException if index or length is out of range
     */
    public PcrSet with(int index, Bytes value) {
        SortedMap<Integer, Bytes> copy = new TreeMap<>(values);
        copy.put(index, value);
        return new PcrSet(name, copy);
    }

    /**
     * The same set under a name.
     *
     * @param label the name
     * @return a copy
     */
    public PcrSet named(String label) {
        return new PcrSet(label, values);
    }
}
