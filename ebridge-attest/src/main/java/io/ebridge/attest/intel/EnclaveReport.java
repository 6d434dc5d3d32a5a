package io.ebridge.attest.intel;

import io.ebridge.attest.Bytes;

/**
 * The report body of an SGX enclave, 384 bytes (Intel SDM volume 3D, REPORT structure): an application's enclave, or the
 * quoting enclave itself.
 *
 * @param cpuSvn 16 bytes
 * @param miscSelect 4 bytes as in the report, little-endian
 * @param isvExtProdId 16 bytes
 * @param attributes 16 bytes as in the report: flags, then XFRM, both little-endian
 * @param mrEnclave measurement of code and data, 32 bytes
 * @param mrSigner SHA-256 of the signer's public key, 32 bytes
 * @param configId 64 bytes
 * @param isvProdId the signer's product number
 * @param isvSvn the product's security version
 * @param configSvn security version of the configuration
 * @param isvFamilyId 16 bytes
 * @param reportData what the enclave asked to be signed, 64 bytes
 */
public record EnclaveReport(
        Bytes cpuSvn,
        Bytes miscSelect,
        Bytes isvExtProdId,
        Bytes attributes,
        Bytes mrEnclave,
        Bytes mrSigner,
        Bytes configId,
        int isvProdId,
        int isvSvn,
        int configSvn,
        Bytes isvFamilyId,
        Bytes reportData) {

    /** Length of a report body in bytes. */
    public static final int BYTES = 384;

    private static final int INIT = 1;
    private static final int DEBUG = 2;
    private static final int PROVISION_KEY = 16;

    /**
     * Whether the enclave was initialised: always so for an enclave that ran.
     *
     * @return attribute bit 0
     */
    public boolean initialized() {
        return (attributes.at(0) & INIT) != 0;
    }

    /**
     * Whether the enclave can be debugged, so that its memory is open to the host.
     *
     * @return attribute bit 1
     */
    public boolean debug() {
        return (attributes.at(0) & DEBUG) != 0;
    }

    /**
     * Whether the enclave may derive provisioning keys, which identify the machine.
     *
     * @return attribute bit 4
     */
    public boolean provisionKey() {
        return (attributes.at(0) & PROVISION_KEY) != 0;
    }
}
