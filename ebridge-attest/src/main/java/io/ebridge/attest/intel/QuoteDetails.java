package io.ebridge.attest.intel;

import io.ebridge.attest.Bytes;

/**
 * What a quote says besides the report in it.
 *
 * @param version 3, 4 or 5
 * @param qeSvn quoting enclave version from a version 3 header; 0 in later versions, which leave it out
 * @param pceSvn PCE version from a version 3 header; 0 in later versions
 * @param userData 20 bytes of the header; the first 16 identify the platform to its owner
 * @param certificationDataType how the quote names its PCK certificate: 5 for a chain in PEM, 1 to 3 for an encrypted or plain
 *     PPID
 * @param trailingBytes how many bytes followed the declared end
 * @param attestationKey the key that signed, x and y of a P-256 point, 64 bytes
 * @param quotingEnclave the quoting enclave's report
 */
public record QuoteDetails(
        int version,
        int qeSvn,
        int pceSvn,
        Bytes userData,
        int certificationDataType,
        int trailingBytes,
        Bytes attestationKey,
        EnclaveReport quotingEnclave) {}
