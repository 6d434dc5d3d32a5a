package io.ebridge.samples.verify;

import io.ebridge.attest.RejectionReason;

/** What to do about a rejection, in plain words. */
final class Advice {

    private Advice() {}

    static String on(RejectionReason reason) {
        String specific = specific(reason.name());
        if (!specific.isEmpty()) {
            return specific;
        }
        return switch (reason.aspect()) {
            case FRESHNESS -> "Check this machine's clock; then get newer evidence or newer collateral.";
            case APPRAISAL ->
                "The evidence is genuine but not what the policy accepts: run the code or platform that it"
                        + " names, or decide that the policy should say otherwise.";
            case AUTHENTICITY ->
                "Do not trust this evidence. If it should be genuine, find out whether it was damaged or"
                        + " mixed up with other files on the way.";
        };
    }

    private static String specific(String name) {
        if (name.startsWith("TCB_INFO") || name.startsWith("QE_IDENTITY") || name.startsWith("TCB_EVAL")) {
            if (name.endsWith("MISSING")) {
                return "Get the platform's TCB info and QE identity, with their issuer chains, from Intel's service or a"
                        + " PCCS, and name them with --collateral.";
            }
            if (name.endsWith("EXPIRED")) {
                return "Get current TCB info and QE identity from Intel's service or a PCCS; Intel issues them for 30 days.";
            }
            return "The collateral does not belong to this quote, or is not Intel's: fetch it again for this platform.";
        }
        return switch (name) {
            case "CRL_MISSING" ->
                "Get the revocation lists (Intel: root CA and PCK CA; AMD: the product's), name them with"
                        + " --collateral, or do without them by name with --insecure-without-revocation.";
            case "CRL_EXPIRED" -> "Get the current revocation list from the vendor.";
            case "SNP_ENDORSEMENT_MISSING" ->
                "Get the chip's VCEK certificate for the reported TCB and the chain from AMD's"
                        + " key distribution service (a VLEK comes from the cloud provider), and name them with --collateral.";
            case "SNP_ENDORSEMENT_TYPE" ->
                "Name the certificate of the kind of key that signed: VCEK and VLEK are not" + " interchangeable.";
            case "SNP_TCB_MISMATCH", "SNP_CHIP_ID_MISMATCH", "SNP_SIGNATURE" ->
                "If the report should be genuine, fetch the" + " VCEK of exactly this chip and this reported TCB.";
            case "PCK_CHAIN_MISSING" ->
                "The quote does not carry its PCK chain: fetch it from a PCCS and name it with" + " --collateral.";
            case "PCK_CHAIN_ORDER" ->
                "The maker of the quote wrote its certificates in another order; a policy can accept" + " that.";
            case "CERTIFICATE_EXPIRED" ->
                "Get new evidence: a certificate in its chain has ended. To judge it as of an"
                        + " earlier time, use --at.";
            case "CERTIFICATE_NOT_YET_VALID" -> "Check this machine's clock, or the time given with --at.";
            case "UNKNOWN_ROOT" ->
                "The chain ends in a root that is not the vendor's. Simulated and test hardware does that.";
            case "DEBUG" -> "Start the enclave without debug mode: as it is, its host can read its memory.";
            case "MEASUREMENT_MISMATCH" ->
                "Other code runs there than the policy names. If it was updated on purpose, add the"
                        + " new measurements to the policy.";
            case "REPORT_DATA_MISMATCH", "NONCE_MISMATCH", "PUBLIC_KEY_MISMATCH", "KEY_BINDING" ->
                "The evidence was made for" + " another session or key: it may have been copied. Ask for new evidence.";
            case "NITRO_TIMESTAMP_STALE" -> "Ask for a new document, or allow a greater age in the policy.";
            case "TRAILING_DATA" -> "Cut the file at the end of the evidence.";
            case "UNSUPPORTED_VERSION" -> "This version of the format is not supported.";
            case "SNP_PROVISIONAL_FIRMWARE" ->
                "The platform's operator has to commit its firmware (SNP_COMMIT); or the policy"
                        + " accepts by name that the host may go back to the older one.";
            case "TCB_OUT_OF_DATE",
                    "TCB_NOT_SUPPORTED",
                    "TCB_CONFIGURATION_NEEDED",
                    "TCB_SW_HARDENING_NEEDED",
                    "SNP_TCB_TOO_OLD",
                    "SNP_FIRMWARE_TOO_OLD",
                    "SNP_LAUNCH_TCB_TOO_OLD" ->
                "The platform's operator has to update firmware, microcode or configuration.";
            default -> "";
        };
    }
}
