package io.ebridge.ratls.strict;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.EvidenceFormat;
import java.util.List;

/** The numbers that formats and kinds of collateral have on the wire; they never change. */
final class Formats {

    private static final List<EvidenceFormat> FORMATS =
            List.of(EvidenceFormat.NITRO, EvidenceFormat.SGX, EvidenceFormat.TDX, EvidenceFormat.SNP);

    private static final List<Collateral.Kind> KINDS = List.of(
            Collateral.Kind.PCK_CHAIN,
            Collateral.Kind.PCK_CRL,
            Collateral.Kind.PCK_CRL_CHAIN,
            Collateral.Kind.ROOT_CA_CRL,
            Collateral.Kind.TCB_INFO,
            Collateral.Kind.TCB_INFO_CHAIN,
            Collateral.Kind.QE_IDENTITY,
            Collateral.Kind.QE_IDENTITY_CHAIN,
            Collateral.Kind.TCB_EVAL_NUMBERS,
            Collateral.Kind.TCB_EVAL_NUMBERS_CHAIN,
            Collateral.Kind.VCEK,
            Collateral.Kind.VLEK,
            Collateral.Kind.ASK,
            Collateral.Kind.ASVK,
            Collateral.Kind.ARK,
            Collateral.Kind.AMD_CRL,
            Collateral.Kind.NITRO_CRL);

    private Formats() {}

    static int code(EvidenceFormat format) {
        return FORMATS.indexOf(format) + 1;
    }

    static @org.jspecify.annotations.Nullable EvidenceFormat format(int code) {
        return code >= 1 && code <= FORMATS.size() ? FORMATS.get(code - 1) : null;
    }

    static int code(Collateral.Kind kind) {
        return KINDS.indexOf(kind) + 1;
    }

    static Collateral.@org.jspecify.annotations.Nullable Kind kind(int code) {
        return code >= 1 && code <= KINDS.size() ? KINDS.get(code - 1) : null;
    }
}
