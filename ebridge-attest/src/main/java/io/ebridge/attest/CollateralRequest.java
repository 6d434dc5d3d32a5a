package io.ebridge.attest;

/** What a verifier needs collateral for: enough to build the vendor's URLs, or to look into a cache. */
public sealed interface CollateralRequest {

    /**
     * The format of the evidence.
     *
     * @return the format
     */
    EvidenceFormat format();

    /**
     * TCB info, QE identity and CRLs for an Intel platform (Intel PCS API version 4).
     *
     * @param format {@link EvidenceFormat#SGX} or {@link EvidenceFormat#TDX}
     * @param fmspc the platform's FMSPC, 6 bytes
     * @param ca which CA issued its PCK certificate
     */
    record Intel(EvidenceFormat format, Bytes fmspc, PckCa ca) implements CollateralRequest {

        /** The two issuers of PCK certificates. */
        public enum PckCa {
            /** {@code Intel SGX PCK Processor CA}. */
            PROCESSOR,
            /** {@code Intel SGX PCK Platform CA}. */
            PLATFORM
        }

        /**
         * Checks the arguments.
         *
         * @param format {@link EvidenceFormat#SGX} or {@link EvidenceFormat#TDX}
         * @param fmspc the platform's FMSPC, 6 bytes
         * @param ca which CA issued its PCK certificate
         * @throws IllegalArgumentException if the format is not Intel's or the FMSPC not 6 bytes
         */
        public Intel {
            if (format != EvidenceFormat.SGX && format != EvidenceFormat.TDX) {
                throw new IllegalArgumentException(format + " is not Intel's");
            }
            if (fmspc.length() != 6) {
                throw new IllegalArgumentException("an FMSPC has 6 bytes, not " + fmspc.length());
            }
        }
    }

    /**
     * Endorsement key certificate, its issuers and the CRL for an AMD report (AMD 57230, VCEK and KDS interface).
     *
     * @param product {@code Milan}, {@code Genoa} or {@code Turin}; empty where the report does not say (version 2)
     * @param key which key signed the report
     * @param chipId the report's chip id, 64 bytes; zero where it is masked
     * @param reportedTcb the report's reported TCB, 8 bytes in the report's order
     */
    record Amd(String product, SigningKey key, Bytes chipId, Bytes reportedTcb) implements CollateralRequest {

        /** The two kinds of endorsement key. */
        public enum SigningKey {
            /** Versioned chip endorsement key. */
            VCEK,
            /** Versioned loaded endorsement key. */
            VLEK
        }

        /**
         * Checks the lengths.
         *
         * @param product {@code Milan}, {@code Genoa} or {@code Turin}
         * @param key which key signed the report
         * @param chipId the report's chip id, 64 bytes
         * @param reportedTcb the report's reported TCB, 8 bytes in the report's order
         * @throws IllegalArgumentException if a length is not as described
         */
        public Amd {
            if (chipId.length() != 64 || reportedTcb.length() != 8) {
                throw new IllegalArgumentException("a chip id has 64 bytes and a TCB version 8");
            }
        }

        @Override
        public EvidenceFormat format() {
            return EvidenceFormat.SNP;
        }
    }

    /** CRLs for the certificates of a Nitro document. None are required. */
    record Nitro() implements CollateralRequest {

        @Override
        public EvidenceFormat format() {
            return EvidenceFormat.NITRO;
        }
    }
}
