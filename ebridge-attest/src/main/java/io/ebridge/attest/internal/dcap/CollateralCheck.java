package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.CollateralReport.Piece;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.TrustAnchor;
import io.ebridge.attest.crypto.SignatureScheme;
import io.ebridge.attest.intel.IntelPlatform;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.internal.dcap.DocumentVerifier.Candidate;
import io.ebridge.attest.internal.dcap.DocumentVerifier.Verified;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.x509.VerifiedChain;
import io.ebridge.attest.x509.VerifiedCrl;
import io.ebridge.attest.x509.X509;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** Checks Intel collateral on its own: every document, CRL and PCK chain in a bag, with whatever CRLs are beside them. */
final class CollateralCheck {

    private static final String ID = "id";
    private static final String VERSION = "version";
    private static final String FMSPC = "fmspc";
    private static final String PCE_ID = "pceid";
    private static final String EVALUATION_NUMBER = "tcb_evaluation_data_number";

    private final VerificationContext context;
    private final Collateral collateral;
    private final List<X509Certificate> issuers;
    private final Map<X500Principal, VerifiedCrl> crls = new HashMap<>();
    private final List<Piece> pieces = new ArrayList<>();
    private @Nullable TrustAnchor anchor;

    private CollateralCheck(Collateral collateral, VerificationContext context) throws EvidenceRejectedException {
        this.collateral = collateral;
        this.context = context;
        List<Bytes> chains = new ArrayList<>(collateral.pieces(Kind.PCK_CHAIN));
        for (Kind kind :
                List.of(Kind.PCK_CRL_CHAIN, Kind.TCB_INFO_CHAIN, Kind.QE_IDENTITY_CHAIN, Kind.TCB_EVAL_NUMBERS_CHAIN)) {
            chains.addAll(collateral.pieces(kind));
        }
        this.issuers = PckChains.pool(chains, context);
    }

    static CollateralReport check(EvidenceFormat format, Collateral collateral, VerificationContext context)
            throws EvidenceRejectedException {
        CollateralCheck check = new CollateralCheck(collateral, context);
        check.crls(Kind.ROOT_CA_CRL);
        check.crls(Kind.PCK_CRL);
        check.pckChains();
        check.documents(DocumentKind.TCB_INFO, CollateralCheck::tcbInfo);
        check.documents(DocumentKind.QE_IDENTITY, CollateralCheck::qeIdentity);
        check.documents(DocumentKind.EVALUATION_NUMBERS, CollateralCheck::evaluationNumbers);
        TrustAnchor anchor = check.anchor;
        if (anchor == null) {
            throw new EvidenceRejectedException(
                    RejectionReason.TCB_INFO_MISSING, "there is no collateral for " + format + " to check");
        }
        return new CollateralReport(format, anchor, context.validity(), check.pieces);
    }

    private void crls(Kind kind) throws EvidenceRejectedException {
        for (Bytes piece : collateral.pieces(kind)) {
            for (Parsed.Crl crl : Parsed.crls(piece, context)) {
                List<X509Certificate> named = issuers.stream()
                        .filter(c -> c.getSubjectX500Principal().equals(crl.issuer()))
                        .toList();
                context.require(
                        !named.isEmpty(),
                        RejectionReason.CRL_ISSUER,
                        () -> "the certificate of " + crl.issuer().getName()
                                + ", which issued a revocation list, is not at hand");
                X509Certificate issuer = PckChains.named(
                                named, X509.commonName(named.get(0).getSubjectX500Principal()), context.now())
                        .get(0);
                VerifiedChain chain = context.chains()
                        .verifyIssuers(
                                PckChains.chain(issuer, issuers, PckChains.PCK.maxLength(), context.now()),
                                PckChains.PCK,
                                context);
                VerifiedCrl verified = context.crls().verify(crl.der(), issuer, SignatureScheme.ES256, context);
                crls.put(crl.issuer(), verified);
                int revoked = verified.revoked().size();
                note(chain, new Piece(kind, verified.window(), Map.of("revoked_entries", String.valueOf(revoked))));
            }
        }
    }

    private void pckChains() throws EvidenceRejectedException {
        List<X509Certificate> pool = PckChains.pool(collateral.pieces(Kind.PCK_CHAIN), context);
        for (X509Certificate leaf : PckChains.named(pool, PckChains.LEAF_NAME, context.now())) {
            VerifiedChain chain = context.chains()
                    .verifyParsed(
                            PckChains.chain(leaf, pool, PckChains.PCK.maxLength(), context.now()),
                            PckChains.PCK,
                            context);
            IntelPlatform platform = PckExtension.platform(leaf, PckChains.requireNames(chain.certificates(), context));
            context.passed(RejectionReason.PCK_EXTENSION_MALFORMED);
            note(chain, new Piece(Kind.PCK_CHAIN, chain.window(), facts(platform)));
            requireNotRevoked(chain);
        }
    }

    private void documents(DocumentKind kind, DocumentVerifier.Reader<Facts> reader) throws EvidenceRejectedException {
        for (Bytes piece : collateral.pieces(kind.piece)) {
            List<Candidate<Facts>> candidates =
                    DocumentVerifier.candidates(kind, Facts.class, "check", List.of(piece), reader, context);
            Verified<Facts> verified = DocumentVerifier.verify(candidates.get(0), collateral, issuers, context);
            note(
                    verified.signer(),
                    new Piece(kind.piece, verified.window(), verified.content().facts()));
            requireNotRevoked(verified.signer());
        }
    }

    /** What a document says, by name. */
    private record Facts(Map<String, String> facts) {}

    /** Earlier versions are as authentic as they were; that a quote cannot be judged by them is for its verification to say. */
    private static Facts tcbInfo(SignedDocument document) throws EvidenceRejectedException {
        try {
            int version = document.body().require("version").asInt(1, Integer.MAX_VALUE);
            if (version == 1) {
                return new Facts(Map.of(
                        VERSION, "1",
                        FMSPC,
                                JsonFields.hex(document.body().require("fmspc"), 6)
                                        .hex(),
                        PCE_ID,
                                JsonFields.hex(document.body().require("pceId"), 2)
                                        .hex()));
            }
        } catch (JsonException e) {
            throw new EvidenceRejectedException(
                    RejectionReason.TCB_INFO_MALFORMED, "the TCB info does not parse: " + e.getMessage(), e);
        }
        TcbInfo info = TcbInfo.parse(document, true);
        return new Facts(Map.of(
                ID, info.id(),
                VERSION, String.valueOf(info.version()),
                FMSPC, info.fmspc().hex(),
                PCE_ID, info.pceId().hex(),
                EVALUATION_NUMBER, String.valueOf(info.evaluationDataNumber())));
    }

    private static Facts qeIdentity(SignedDocument document) throws EvidenceRejectedException {
        QeIdentity identity = QeIdentity.parse(document);
        return new Facts(Map.of(
                ID, identity.id(),
                VERSION, "2",
                EVALUATION_NUMBER, String.valueOf(identity.evaluationDataNumber())));
    }

    private static Facts evaluationNumbers(SignedDocument document) throws EvidenceRejectedException {
        EvaluationNumbers numbers = EvaluationNumbers.parse(document);
        String latest = numbers.numbers().stream()
                .map(recovery ->
                        recovery.number() + " (" + recovery.tcbDate().toString().substring(0, 10) + ")")
                .collect(Collectors.joining(","));
        return new Facts(Map.of(ID, numbers.id(), VERSION, "1", "recoveries", latest));
    }

    private static Map<String, String> facts(IntelPlatform platform) {
        return Map.of(
                FMSPC,
                platform.fmspc().hex(),
                PCE_ID,
                platform.pceId().hex(),
                "cpusvn",
                platform.sgxComponents().stream().map(String::valueOf).collect(Collectors.joining(",")),
                "pcesvn",
                String.valueOf(platform.pceSvn()),
                "sgx_type",
                String.valueOf(platform.sgxType().ordinal()));
    }

    private void requireNotRevoked(VerifiedChain chain) throws EvidenceRejectedException {
        for (X509Certificate certificate : chain.certificates()) {
            Optional<VerifiedCrl> crl = Optional.ofNullable(crls.get(certificate.getIssuerX500Principal()));
            if (crl.isPresent()) {
                crl.get().requireNotRevoked(certificate, context);
            }
        }
    }

    private void note(VerifiedChain chain, Piece piece) {
        anchor = chain.anchor();
        pieces.add(piece);
    }
}
