package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.RejectionReason;

/** The signed JSON documents of Intel's provisioning certification service (PCS API version 4), and how each is rejected. */
enum DocumentKind {
    TCB_INFO(
            "tcbInfo",
            "TCB info",
            Collateral.Kind.TCB_INFO,
            Collateral.Kind.TCB_INFO_CHAIN,
            RejectionReason.TCB_INFO_MALFORMED,
            RejectionReason.TCB_INFO_VERSION,
            RejectionReason.TCB_INFO_SIGNER,
            RejectionReason.TCB_INFO_SIGNATURE,
            RejectionReason.TCB_INFO_NOT_YET_VALID,
            RejectionReason.TCB_INFO_EXPIRED),
    QE_IDENTITY(
            "enclaveIdentity",
            "QE identity",
            Collateral.Kind.QE_IDENTITY,
            Collateral.Kind.QE_IDENTITY_CHAIN,
            RejectionReason.QE_IDENTITY_MALFORMED,
            RejectionReason.QE_IDENTITY_VERSION,
            RejectionReason.QE_IDENTITY_SIGNER,
            RejectionReason.QE_IDENTITY_SIGNATURE,
            RejectionReason.QE_IDENTITY_NOT_YET_VALID,
            RejectionReason.QE_IDENTITY_EXPIRED),
    EVALUATION_NUMBERS(
            "tcbEvaluationDataNumbers",
            "TCB evaluation data numbers",
            Collateral.Kind.TCB_EVAL_NUMBERS,
            Collateral.Kind.TCB_EVAL_NUMBERS_CHAIN,
            RejectionReason.TCB_EVAL_NUMBERS_MALFORMED,
            RejectionReason.TCB_EVAL_NUMBERS_MALFORMED,
            RejectionReason.TCB_EVAL_NUMBERS_SIGNER,
            RejectionReason.TCB_EVAL_NUMBERS_SIGNATURE,
            RejectionReason.TCB_EVAL_NUMBERS_NOT_YET_VALID,
            RejectionReason.TCB_EVAL_NUMBERS_EXPIRED);

    final String member;
    final String title;
    final Collateral.Kind piece;
    final Collateral.Kind chain;
    final RejectionReason malformed;
    final RejectionReason version;
    final RejectionReason signer;
    final RejectionReason signature;
    final RejectionReason early;
    final RejectionReason late;

    DocumentKind(
            String member,
            String title,
            Collateral.Kind piece,
            Collateral.Kind chain,
            RejectionReason malformed,
            RejectionReason version,
            RejectionReason signer,
            RejectionReason signature,
            RejectionReason early,
            RejectionReason late) {
        this.member = member;
        this.title = title;
        this.piece = piece;
        this.chain = chain;
        this.malformed = malformed;
        this.version = version;
        this.signer = signer;
        this.signature = signature;
        this.early = early;
        this.late = late;
    }
}
