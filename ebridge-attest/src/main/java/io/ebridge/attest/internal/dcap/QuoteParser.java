package io.ebridge.attest.internal.dcap;

import static io.ebridge.attest.RejectionReason.MALFORMED;
import static io.ebridge.attest.RejectionReason.TRAILING_DATA;
import static io.ebridge.attest.RejectionReason.UNSUPPORTED_VERSION;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.intel.EnclaveReport;
import io.ebridge.attest.tdx.TdReport;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Parses ECDSA quotes (Intel SGX ECDSA quote library reference, quote format version 3; Intel TDX DCAP quote generation library
 * and quoting library, quote format versions 4 and 5). Total: every byte string gives a quote or a typed rejection, every length
 * is checked against what is left, nothing is allocated beyond the input's size.
 */
final class QuoteParser {

    private static final int HEADER_BYTES = 48;
    private static final int ECDSA_P256 = 2;
    private static final long TEE_SGX = 0;
    private static final long TEE_TDX = 0x81;
    private static final int BODY_SGX = 1;
    private static final int BODY_TD_10 = 2;
    private static final int BODY_TD_15 = 3;
    private static final int QE_REPORT_CERTIFICATION = 6;
    private static final Bytes INTEL_QE = Bytes.ofHex("939a7233f79c4ca9940a0db3957f0607");

    private QuoteParser() {}

    /**
     * Parses a quote.
     *
     * @param quote the bytes
     * @param format what it must be: SGX or TDX
     * @param trailing what may follow the declared end
     * @return the quote
     */
    static Quote parse(byte[] quote, EvidenceFormat format, Strictness.Trailing trailing)
            throws EvidenceRejectedException {
        Cursor in = new Cursor(quote, 0, quote.length);
        int version = in.u16("the header");
        if (version < 3 || version > 5) {
            throw reject(UNSUPPORTED_VERSION, "quote version " + version + "; 3, 4 and 5 are supported");
        }
        int keyType = in.u16("the header");
        if (keyType != ECDSA_P256) {
            throw reject(
                    UNSUPPORTED_VERSION, "attestation key type " + keyType + "; only 2, ECDSA on P-256, is supported");
        }
        long tee = in.u32("the header");
        if (version == 3 ? tee != 0 : tee != TEE_SGX && tee != TEE_TDX) {
            throw reject(
                    UNSUPPORTED_VERSION, "TEE type 0x" + Long.toHexString(tee) + " in a quote of version " + version);
        }
        boolean isTdx = tee == TEE_TDX;
        if (isTdx != (format == EvidenceFormat.TDX)) {
            throw reject(
                    RejectionReason.FORMAT_MISMATCH,
                    "a quote for " + (isTdx ? "TDX" : "SGX") + " where " + format + " is expected");
        }
        int qeSvn = in.u16("the header");
        int pceSvn = in.u16("the header");
        Bytes vendor = in.bytes(16, "the header");
        if (!vendor.equals(INTEL_QE)) {
            throw reject(UNSUPPORTED_VERSION, "quoting enclave vendor " + vendor + "; only Intel's is supported");
        }
        Bytes userData = in.bytes(20, "the header");

        int bodyType = isTdx ? BODY_TD_10 : BODY_SGX;
        int bodyBytes = isTdx ? TdReport.BYTES_10 : EnclaveReport.BYTES;
        if (version == 5) {
            bodyType = in.u16("the body's descriptor");
            bodyBytes = bodyBytes(bodyType, in.u32("the body's descriptor"));
            if (isTdx == (bodyType == BODY_SGX)) {
                throw reject(MALFORMED, "body type " + bodyType + " does not go with the TEE type of the header");
            }
        }
        int bodyStart = in.position();
        EnclaveReport sgx = null;
        TdReport tdx = null;
        Cursor body = in.part(bodyBytes, "the body");
        if (isTdx) {
            tdx = tdReport(body, bodyType == BODY_TD_15);
        } else {
            sgx = enclaveReport(body, "the enclave's report");
        }
        Bytes signed = Bytes.of(quote, 0, bodyStart + bodyBytes);

        Cursor auth = in.part(in.u32("the length of the signature data"), "the signature data");
        Bytes signature = auth.bytes(64, "the quote's signature");
        Bytes attestationKey = auth.bytes(64, "the attestation key");
        Cursor qe = auth;
        if (version > 3) {
            int outer = auth.u16("the certification data");
            if (outer != QE_REPORT_CERTIFICATION) {
                throw reject(
                        MALFORMED,
                        "certification data of type " + outer + " where the quoting enclave's report, 6, belongs");
            }
            qe = auth.part(auth.u32("the certification data"), "the certification data");
            auth.requireEnd("the signature data");
        }
        Bytes qeReportBytes = qe.bytes(EnclaveReport.BYTES, "the quoting enclave's report");
        EnclaveReport qeReport = enclaveReport(
                new Cursor(qeReportBytes.toByteArray(), 0, EnclaveReport.BYTES), "the quoting enclave's report");
        Bytes qeSignature = qe.bytes(64, "the signature on the quoting enclave's report");
        int authLength = qe.u16("the authentication data");
        Bytes authData = qe.bytes(authLength, "the authentication data");
        int type = qe.u16("the certification data");
        if (type < 1 || type > 5) {
            throw reject(MALFORMED, "certification data of type " + type + "; 1 to 5 are known");
        }
        Cursor certification = qe.part(qe.u32("the certification data"), "the certification data");
        Bytes certificationData = certification.bytes(certification.left(), "the certification data");
        qe.requireEnd(version > 3 ? "the certification data" : "the signature data");

        int rest = in.left();
        requireTail(quote, in.position(), trailing);
        return new Quote(
                version,
                version == 3 ? qeSvn : 0,
                version == 3 ? pceSvn : 0,
                userData,
                sgx,
                tdx,
                signed,
                signature,
                attestationKey,
                qeReport,
                qeReportBytes,
                qeSignature,
                authData,
                type,
                certificationData,
                rest);
    }

    private static int bodyBytes(int type, long declared) throws EvidenceRejectedException {
        int bytes =
                switch (type) {
                    case BODY_SGX -> EnclaveReport.BYTES;
                    case BODY_TD_10 -> TdReport.BYTES_10;
                    case BODY_TD_15 -> TdReport.BYTES_15;
                    default -> throw reject(UNSUPPORTED_VERSION, "body type " + type + "; 1, 2 and 3 are supported");
                };
        if (declared != bytes) {
            throw reject(MALFORMED, "a body of type " + type + " has " + bytes + " bytes, not " + declared);
        }
        return bytes;
    }

    private static void requireTail(byte[] quote, int from, Strictness.Trailing trailing)
            throws EvidenceRejectedException {
        int rest = quote.length - from;
        if (rest == 0 || trailing == Strictness.Trailing.ANY) {
            return;
        }
        if (trailing == Strictness.Trailing.NONE) {
            throw reject(TRAILING_DATA, rest + " bytes follow the quote's declared end");
        }
        for (int i = from; i < quote.length; i++) {
            if (quote[i] != 0) {
                throw reject(TRAILING_DATA, rest + " bytes, not all of them zero, follow the quote's declared end");
            }
        }
    }

    static EnclaveReport enclaveReport(Cursor in, String what) throws EvidenceRejectedException {
        Bytes cpuSvn = in.bytes(16, what);
        Bytes miscSelect = in.bytes(4, what);
        requireZero(in.bytes(12, what), what);
        Bytes extProdId = in.bytes(16, what);
        Bytes attributes = in.bytes(16, what);
        Bytes mrEnclave = in.bytes(32, what);
        requireZero(in.bytes(32, what), what);
        Bytes mrSigner = in.bytes(32, what);
        requireZero(in.bytes(32, what), what);
        Bytes configId = in.bytes(64, what);
        int isvProdId = in.u16(what);
        int isvSvn = in.u16(what);
        int configSvn = in.u16(what);
        requireZero(in.bytes(42, what), what);
        Bytes familyId = in.bytes(16, what);
        Bytes reportData = in.bytes(64, what);
        in.requireEnd(what);
        return new EnclaveReport(
                cpuSvn,
                miscSelect,
                extProdId,
                attributes,
                mrEnclave,
                mrSigner,
                configId,
                isvProdId,
                isvSvn,
                configSvn,
                familyId,
                reportData);
    }

    private static TdReport tdReport(Cursor in, boolean td15) throws EvidenceRejectedException {
        String what = "the TD's report";
        TdReport report = new TdReport(
                in.bytes(16, what),
                in.bytes(48, what),
                in.bytes(48, what),
                in.bytes(8, what),
                in.bytes(8, what),
                in.bytes(8, what),
                in.bytes(48, what),
                in.bytes(48, what),
                in.bytes(48, what),
                in.bytes(48, what),
                List.of(in.bytes(48, what), in.bytes(48, what), in.bytes(48, what), in.bytes(48, what)),
                in.bytes(64, what),
                optional(td15 ? in.bytes(16, what) : null),
                optional(td15 ? in.bytes(48, what) : null));
        in.requireEnd(what);
        return report;
    }

    private static Optional<Bytes> optional(@Nullable Bytes value) {
        return Optional.ofNullable(value);
    }

    private static void requireZero(Bytes reserved, String what) throws EvidenceRejectedException {
        if (!reserved.isZero()) {
            throw reject(MALFORMED, "a reserved field of " + what + " is not zero");
        }
    }

    private static EvidenceRejectedException reject(RejectionReason reason, String detail) {
        return new EvidenceRejectedException(reason, detail);
    }
}
