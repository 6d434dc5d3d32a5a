package io.ebridge.attest.intel;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.CollateralRequest;
import java.util.List;
import java.util.Optional;

/**
 * The platform that a PCK certificate speaks for (Intel SGX PCK Certificate and CRL Profile, extension
 * 1.2.840.113741.1.13.1).
 *
 * @param ca which CA issued the certificate
 * @param serialNumber the certificate's serial number, hexadecimal
 * @param ppid platform provisioning id, 16 bytes; identifies the machine
 * @param fmspc family, model, stepping, platform and custom SKU, 6 bytes
 * @param pceId id of the provisioning certification enclave, 2 bytes as in the certificate
 * @param cpuSvn the TCB of the certificate as raw CPUSVN, 16 bytes
 * @param sgxComponents the 16 SGX TCB component SVNs, each 0 to 255
 * @param pceSvn the PCE's version
 * @param sgxType kind of memory protection
 * @param platformInstanceId 16 bytes; Platform CA certificates only
 * @param configuration flags; Platform CA certificates only
 */
public record IntelPlatform(
        CollateralRequest.Intel.PckCa ca,
        String serialNumber,
        Bytes ppid,
        Bytes fmspc,
        Bytes pceId,
        Bytes cpuSvn,
        List<Integer> sgxComponents,
        int pceSvn,
        SgxType sgxType,
        Optional<Bytes> platformInstanceId,
        Optional<Configuration> configuration) {

    /** Kind of SGX memory protection. */
    public enum SgxType {
        /** Memory encrypted with integrity and replay protection. */
        STANDARD,
        /** Memory encrypted only. */
        SCALABLE,
        /** Memory encrypted with integrity protection. */
        SCALABLE_WITH_INTEGRITY
    }

    /**
     * Configuration flags of a Platform CA certificate. A flag that the certificate leaves undetermined is empty.
     *
     * @param dynamicPlatform whether packages may be added to the platform later
     * @param cachedKeys whether Intel keeps the platform's root keys, so that it can be restored
     * @param smtEnabled whether hyper-threading is on
     */
    public record Configuration(
            Optional<Boolean> dynamicPlatform, Optional<Boolean> cachedKeys, Optional<Boolean> smtEnabled) {}

    /**
     * Copies the list.
     *
     * @param ca which CA issued the certificate
     * @param serialNumber the certificate's serial number, hexadecimal
     * @param ppid platform provisioning id, 16 bytes
     * @param fmspc family, model, stepping, platform and custom SKU, 6 bytes
     * @param pceId id of the provisioning certification enclave, 2 bytes as in the certificate
     * @param cpuSvn the TCB of the certificate as raw CPUSVN, 16 bytes
     * @param sgxComponents the 16 SGX TCB component SVNs, each 0 to 255
     * @param pceSvn the PCE's version
     * @param sgxType kind of memory protection
     * @param platformInstanceId 16 bytes
     * @param configuration flags
     */
    public IntelPlatform {
        sgxComponents = List.copyOf(sgxComponents);
    }
}
