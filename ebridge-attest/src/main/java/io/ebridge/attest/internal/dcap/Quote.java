package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.intel.EnclaveReport;
import io.ebridge.attest.tdx.TdReport;
import org.jspecify.annotations.Nullable;

/**
 * A parsed ECDSA quote of version 3, 4 or 5; nothing in it is verified yet. Exactly one of {@code sgx} and {@code tdx} is there.
 *
 * @param version 3, 4 or 5
 * @param qeSvn of a version 3 header, else 0
 * @param pceSvn of a version 3 header, else 0
 * @param userData of the header
 * @param sgx the enclave's report
 * @param tdx the TD's report
 * @param signed header and body (version 5: with the body's descriptor), as received
 * @param signature r and s
 * @param attestationKey x and y
 * @param qeReport the quoting enclave's report, parsed
 * @param qeReportBytes the same as received
 * @param qeReportSignature r and s
 * @param authData the quoting enclave's authentication data
 * @param certificationType 1 to 5
 * @param certificationData what names the PCK certificate
 * @param trailing how many bytes follow the declared end
 */
record Quote(
        int version,
        int qeSvn,
        int pceSvn,
        Bytes userData,
        @Nullable EnclaveReport sgx,
        @Nullable TdReport tdx,
        Bytes signed,
        Bytes signature,
        Bytes attestationKey,
        EnclaveReport qeReport,
        Bytes qeReportBytes,
        Bytes qeReportSignature,
        Bytes authData,
        int certificationType,
        Bytes certificationData,
        int trailing) {

    /** Certification data that is a PCK chain in PEM. */
    static final int PCK_CHAIN_PEM = 5;
}
