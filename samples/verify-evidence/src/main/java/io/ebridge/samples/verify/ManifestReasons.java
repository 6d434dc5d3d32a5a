package io.ebridge.samples.verify;

import io.ebridge.attest.RejectionReason;
import java.util.Locale;

/** The names that manifests use for reasons. They are coarser than this library's. */
final class ManifestReasons {

    private ManifestReasons() {}

    static String of(RejectionReason reason) {
        String name = reason.name();
        if (name.endsWith("_EXPIRED")) {
            return "expired";
        }
        if (name.endsWith("_NOT_YET_VALID")) {
            return "not_yet_valid";
        }
        if (name.startsWith("TDX_MODULE_")) {
            return "tdx_module_mismatch";
        }
        return switch (name) {
            case "CERTIFICATE_MALFORMED" -> "bad_certificate";
            case "UNSUPPORTED_VERSION", "TCB_INFO_VERSION", "QE_IDENTITY_VERSION" -> "unsupported_version";
            case "TRAILING_DATA" -> "trailing_data";
            case "UNKNOWN_ROOT" -> "unknown_root";
            case "PCK_CHAIN_MISSING" -> "pck_chain_missing";
            case "PCK_CHAIN_ORDER" -> "chain_order";
            case "TCB_INFO_SIGNER", "QE_IDENTITY_SIGNER", "TCB_EVAL_NUMBERS_SIGNER", "PCK_CERTIFICATE_NAME" ->
                "wrong_issuer";
            case "CRL_ISSUER" -> "crl_issuer";
            case "NITRO_SIGNATURE", "QUOTE_SIGNATURE", "QE_REPORT_SIGNATURE", "SNP_SIGNATURE" -> "bad_signature";
            case "TCB_INFO_SIGNATURE" -> "tcb_info_signature";
            case "QE_IDENTITY_SIGNATURE" -> "qe_identity_signature";
            case "TCB_EVAL_NUMBERS_SIGNATURE" -> "tcb_eval_numbers_signature";
            case "QE_IDENTITY_ID", "QE_MISCSELECT", "QE_ATTRIBUTES", "QE_MRSIGNER", "QE_ISVPRODID" ->
                "qe_identity_mismatch";
            case "TCB_INFO_FMSPC", "TCB_INFO_PCEID", "TCB_INFO_ID" -> "fmspc_mismatch";
            case "KEY_BINDING" -> "key_binding";
            default -> {
                if (name.startsWith("CHAIN_")) {
                    yield "bad_chain";
                }
                if (name.endsWith("MALFORMED")) {
                    yield "malformed";
                }
                yield snp(name);
            }
        };
    }

    private static String snp(String name) {
        return switch (name) {
            case "SNP_ENDORSEMENT_MISSING" -> "endorsement_missing";
            case "SNP_ENDORSEMENT_TYPE" -> "wrong_endorsement_type";
            case "SNP_TCB_MISMATCH" -> "tcb_mismatch";
            case "SNP_CHIP_ID_MISMATCH" -> "chip_id_mismatch";
            case "SNP_PRODUCT" -> "bad_chain";
            case "SNP_ENDORSEMENT_EXTENSIONS" -> "bad_certificate";
            case "SNP_RESERVED", "SNP_SIGNATURE_ALGORITHM", "SNP_NOT_SIGNED", "SNP_HOST_REPORT" -> "malformed";
            default -> name.startsWith("NITRO_") ? "malformed" : name.toLowerCase(Locale.ROOT);
        };
    }
}
