package io.ebridge.attest.sgx;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.intel.EnclaveReport;
import java.util.Objects;
import java.util.Optional;

/**
 * One complete set of reference values for an enclave: either its exact code ({@code MRENCLAVE}), or its signer with product
 * number and least version ({@code MRSIGNER}, {@code ISVPRODID}, {@code ISVSVN}), and whatever narrows it further. An enclave
 * matches if it agrees with every value that is given. Immutable.
 *
 * @param mrEnclave 32 bytes, or empty for any code of the signer
 * @param mrSigner 32 bytes, or empty for any signer
 * @param isvProdId the product number, or empty
 * @param minIsvSvn the least security version, or empty
 * @param configId 64 bytes, or empty for any (Intel SDM, KSS)
 * @param minConfigSvn the least configuration version, or empty
 * @param isvExtProdId 16 bytes, or empty for any
 * @param isvFamilyId 16 bytes, or empty for any
 */
public record SgxReference(
        Optional<Bytes> mrEnclave,
        Optional<Bytes> mrSigner,
        Optional<Integer> isvProdId,
        Optional<Integer> minIsvSvn,
        Optional<Bytes> configId,
        Optional<Integer> minConfigSvn,
        Optional<Bytes> isvExtProdId,
        Optional<Bytes> isvFamilyId) {

    /**
     * Checks that the set is complete.
     *
     * @param mrEnclave 32 bytes, or empty for any code of the signer
     * @param mrSigner 32 bytes, or empty for any signer
     * @param isvProdId the product number, or empty
     * @param minIsvSvn the least security version, or empty
     * @param configId 64 bytes, or empty for any (Intel SDM, KSS)
     * @param minConfigSvn the least configuration version, or empty
     * @param isvExtProdId 16 bytes, or empty for any
     * @param isvFamilyId 16 bytes, or empty for any
     * @throws IllegalArgumentException if there is neither an {@code MRENCLAVE} nor all of {@code MRSIGNER}, {@code ISVPRODID}
     *     and {@code ISVSVN}, or if a length or number is out of range
     */
    public SgxReference {
        length(mrEnclave, 32, "MRENCLAVE");
        length(mrSigner, 32, "MRSIGNER");
        length(configId, 64, "CONFIGID");
        length(isvExtProdId, 16, "ISVEXTPRODID");
        length(isvFamilyId, 16, "ISVFAMILYID");
        number(isvProdId, "ISVPRODID");
        number(minIsvSvn, "ISVSVN");
        number(minConfigSvn, "CONFIGSVN");
        if (mrEnclave.isEmpty() && (mrSigner.isEmpty() || isvProdId.isEmpty() || minIsvSvn.isEmpty())) {
            throw new IllegalArgumentException(
                    "a reference names MRENCLAVE, or MRSIGNER with ISVPRODID and the least ISVSVN");
        }
    }

    /**
     * Exactly this code.
     *
     * @param mrEnclave 32 bytes
     * @return the reference
     */
    public static SgxReference code(Bytes mrEnclave) {
        return new SgxReference(
                Optional.of(mrEnclave),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * Any code that a signer published as a version of a product.
     *
     * @param mrSigner SHA-256 of the signer's key, 32 bytes
     * @param isvProdId the product number
     * @param minIsvSvn the least security version
     * @return the reference
     */
    public static SgxReference signer(Bytes mrSigner, int isvProdId, int minIsvSvn) {
        return new SgxReference(
                Optional.empty(),
                Optional.of(mrSigner),
                Optional.of(isvProdId),
                Optional.of(minIsvSvn),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * The same reference, for one configuration.
     *
     * @param id 64 bytes
     * @param minSvn the least configuration version
     * @return a copy
     */
    public SgxReference withConfig(Bytes id, int minSvn) {
        return new SgxReference(
                mrEnclave,
                mrSigner,
                isvProdId,
                minIsvSvn,
                Optional.of(id),
                Optional.of(minSvn),
                isvExtProdId,
                isvFamilyId);
    }

    /**
     * The same reference, for one extended product and family.
     *
     * @param extProdId 16 bytes
     * @param familyId 16 bytes
     * @return a copy
     */
    public SgxReference withExtendedProduct(Bytes extProdId, Bytes familyId) {
        return new SgxReference(
                mrEnclave,
                mrSigner,
                isvProdId,
                minIsvSvn,
                configId,
                minConfigSvn,
                Optional.of(extProdId),
                Optional.of(familyId));
    }

    /**
     * The first value that an enclave does not have.
     *
     * @param report the enclave's report
     * @return its name with what was found, or empty if the enclave matches
     */
    public Optional<String> mismatch(EnclaveReport report) {
        if (differs(mrEnclave, report.mrEnclave())) {
            return Optional.of("MRENCLAVE is " + report.mrEnclave());
        }
        if (differs(mrSigner, report.mrSigner())) {
            return Optional.of("MRSIGNER is " + report.mrSigner());
        }
        if (differs(isvProdId, report.isvProdId())) {
            return Optional.of("ISVPRODID is " + report.isvProdId());
        }
        if (minIsvSvn.isPresent() && report.isvSvn() < minIsvSvn.get()) {
            return Optional.of("ISVSVN is " + report.isvSvn() + ", needs " + minIsvSvn.get());
        }
        if (differs(configId, report.configId())) {
            return Optional.of("CONFIGID is " + report.configId());
        }
        if (minConfigSvn.isPresent() && report.configSvn() < minConfigSvn.get()) {
            return Optional.of("CONFIGSVN is " + report.configSvn() + ", needs " + minConfigSvn.get());
        }
        if (differs(isvExtProdId, report.isvExtProdId())) {
            return Optional.of("ISVEXTPRODID is " + report.isvExtProdId());
        }
        if (differs(isvFamilyId, report.isvFamilyId())) {
            return Optional.of("ISVFAMILYID is " + report.isvFamilyId());
        }
        return Optional.empty();
    }

    /**
     * What identifies this set, in short.
     *
     * @return English text
     */
    public String describe() {
        return mrEnclave
                .map(code -> "MRENCLAVE " + code)
                .orElseGet(() -> "MRSIGNER " + mrSigner.map(Bytes::hex).orElse("") + " product " + isvProdId.orElse(0)
                        + " from version " + minIsvSvn.orElse(0));
    }

    private static <T> boolean differs(Optional<T> expected, T actual) {
        return expected.isPresent() && !expected.get().equals(actual);
    }

    private static void length(Optional<Bytes> value, int bytes, String name) {
        Objects.requireNonNull(value, name);
        if (value.isPresent() && value.get().length() != bytes) {
            throw new IllegalArgumentException(
                    name + " has " + bytes + " bytes, not " + value.get().length());
        }
    }

    private static void number(Optional<Integer> value, String name) {
        Objects.requireNonNull(value, name);
        if (value.isPresent() && (value.get() < 0 || value.get() > 0xFFFF)) {
            throw new IllegalArgumentException(name + " is a number from 0 to 65535, not " + value.get());
        }
    }
}
