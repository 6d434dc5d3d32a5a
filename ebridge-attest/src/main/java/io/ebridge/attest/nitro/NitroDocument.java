package io.ebridge.attest.nitro;

import io.ebridge.attest.Bytes;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a Nitro attestation document says (attestation process, section 2.2.2). In a {@link NitroResult} all of it was signed.
 *
 * @param moduleId the enclave's module id
 * @param timestamp when it was made, to the millisecond
 * @param pcrs register index to value; unused registers are zero
 * @param certificate the leaf certificate, DER
 * @param cabundle its issuers, DER, root first
 * @param publicKey the attester's {@code public_key}, where it gave one
 * @param userData the attester's {@code user_data}, where it gave some
 * @param nonce the attester's {@code nonce}, where it gave one
 * @param indefiniteMap whether the payload is a map of indefinite length, as newer documents are
 * @param nullFields which of the three optional fields are present as an explicit null
 * @param unknownFields keys of the payload that this version does not know; their values were passed over
 */
public record NitroDocument(
        String moduleId,
        Instant timestamp,
        SortedMap<Integer, Bytes> pcrs,
        Bytes certificate,
        List<Bytes> cabundle,
        Optional<Bytes> publicKey,
        Optional<Bytes> userData,
        Optional<Bytes> nonce,
        boolean indefiniteMap,
        Set<String> nullFields,
        Set<String> unknownFields) {

    /**
     * Copies the collections.
     *
     * @param moduleId the enclave's module id
     * @param timestamp when it was made, to the millisecond
     * @param pcrs register index to value
     * @param certificate the leaf certificate, DER
     * @param cabundle its issuers, DER, root first
     * @param publicKey the attester's {@code public_key}, where it gave one
     * @param userData the attester's {@code user_data}, where it gave some
     * @param nonce the attester's {@code nonce}, where it gave one
     * @param indefiniteMap whether the payload is a map of indefinite length, as newer documents are
     * @param nullFields which of the three optional fields are present as an explicit null
     * @param unknownFields keys of the payload that this version does not know
     */
    public NitroDocument {
        pcrs = Collections.unmodifiableSortedMap(new TreeMap<>(pcrs));
        cabundle = List.copyOf(cabundle);
        nullFields = Set.copyOf(nullFields);
        unknownFields = Set.copyOf(unknownFields);
    }

    /**
     * Whether it comes from an enclave in debug mode: PCR0, PCR1 and PCR2 are all zero. PCR3 and PCR4 stay as they are in debug
     * mode, so they do not count (AWS Nitro Enclaves user guide, "Cryptographic attestation").
     *
     * @return whether it does
     */
    public boolean debug() {
        for (int index = 0; index <= 2; index++) {
            Bytes value = pcrs.get(index);
            if (value != null && !value.isZero()) {
                return false;
            }
        }
        return true;
    }
}
