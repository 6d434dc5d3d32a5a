package io.ebridge.attest.internal.snp;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.CollateralReport.Piece;
import io.ebridge.attest.CollateralRequest.Amd.SigningKey;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.TrustAnchor;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.Vendor;
import io.ebridge.attest.crypto.SignatureScheme;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.snp.SnpTcb;
import io.ebridge.attest.x509.ChainProfile;
import io.ebridge.attest.x509.ChainProfile.KeyKind;
import io.ebridge.attest.x509.VerifiedChain;
import io.ebridge.attest.x509.VerifiedCrl;
import io.ebridge.attest.x509.X509;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** Checks certificates and revocation lists of AMD without a report that they endorse. */
final class SnpCollateralCheck {

    private static final ChainProfile ISSUERS =
            new ChainProfile(Vendor.AMD, SignatureScheme.PS384, KeyKind.RSA4096, 1, 2, false);

    private final Collateral collateral;
    private final VerificationContext context;
    private final EndorsementSelector selector;
    private final List<Piece> pieces = new ArrayList<>();
    private final List<VerifiedChain> chains = new ArrayList<>();
    private final Map<X500Principal, X509Certificate> roots = new LinkedHashMap<>();
    private @Nullable TrustAnchor anchor;

    SnpCollateralCheck(Collateral collateral, VerificationContext context) {
        this.collateral = collateral;
        this.context = context;
        Map<Kind, List<Bytes>> byKind = new EnumMap<>(Kind.class);
        for (Kind kind : SnpVerifier.KINDS) {
            byKind.put(kind, collateral.pieces(kind));
        }
        this.selector = new EndorsementSelector(byKind, context);
    }

    CollateralReport run() throws EvidenceRejectedException {
        for (SigningKey key : SigningKey.values()) {
            for (X509Certificate vek : selector.named(key)) {
                endorsementKey(vek, key);
            }
        }
        for (Kind kind : new Kind[] {Kind.ASK, Kind.ASVK}) {
            for (X509Certificate issuer : selector.issuers(kind)) {
                X509Certificate root = selector.issuerOf(issuer, Kind.ARK)
                        .orElseThrow(() -> selector.missing(Kind.ARK, "there is no certificate of AMD's root key"));
                issuer(kind, List.of(issuer, root));
            }
        }
        for (X509Certificate root : selector.roots()) {
            if (!roots.containsKey(root.getSubjectX500Principal())) {
                issuer(Kind.ARK, List.of(root));
            }
        }
        TrustAnchor found = anchor;
        if (found == null) {
            throw selector.missing(Kind.VCEK, "there is no AMD certificate");
        }
        roots.values().forEach(root -> pieces.add(new Piece(Kind.ARK, windowOf(root), facts(root))));
        for (Bytes piece : collateral.pieces(Kind.AMD_CRL)) {
            for (byte[] der : X509.crlBlocks(piece.toByteArray())) {
                revocationList(der);
            }
        }
        return new CollateralReport(EvidenceFormat.SNP, found, context.validity(), pieces);
    }

    private void endorsementKey(X509Certificate vek, SigningKey key) throws EvidenceRejectedException {
        Endorsement endorsement = SnpVerifier.verify(vek, key, selector, context);
        VekExtensions extensions = endorsement.extensions();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("product", extensions.product().line());
        facts.put("kind", key.name().toLowerCase(java.util.Locale.ROOT));
        SnpTcb tcb = SnpTcb.read(extensions.product(), extensions.tcb());
        facts.put("tcb.bootloader", String.valueOf(tcb.bootloader()));
        facts.put("tcb.tee", String.valueOf(tcb.tee()));
        facts.put("tcb.snp", String.valueOf(tcb.snp()));
        facts.put("tcb.microcode", String.valueOf(tcb.microcode()));
        if (extensions.product() == SnpProduct.TURIN) {
            facts.put("tcb.fmc", String.valueOf(tcb.fmc()));
        }
        extensions.hardwareId().ifPresent(id -> facts.put("hwid", id.hex()));
        extensions.cspId().ifPresent(id -> facts.put("csp_id", id));
        pieces.add(new Piece(Kind.valueOf(key.name()), windowOf(vek), facts));
        note(endorsement.chain());
    }

    private void issuer(Kind kind, List<X509Certificate> certificates) throws EvidenceRejectedException {
        VerifiedChain chain = context.chains().verifyIssuers(certificates, ISSUERS, context);
        if (kind != Kind.ARK) {
            pieces.add(new Piece(kind, windowOf(chain.leaf()), facts(chain.leaf())));
        }
        note(chain);
    }

    private void note(VerifiedChain chain) {
        anchor = chain.anchor();
        chains.add(chain);
        X509Certificate root = SnpVerifier.root(chain);
        roots.put(root.getSubjectX500Principal(), root);
    }

    private void revocationList(byte[] der) throws EvidenceRejectedException {
        X509CRL crl = X509.crl(der);
        X509Certificate root = roots.get(crl.getIssuerX500Principal());
        if (root == null) {
            throw new EvidenceRejectedException(
                    RejectionReason.CRL_ISSUER,
                    "there is a revocation list of " + X509.commonName(crl.getIssuerX500Principal())
                            + " and no certificate of that name");
        }
        VerifiedCrl verified = context.crls().verify(der, root, SignatureScheme.PS384, context);
        for (VerifiedChain chain : chains) {
            if (SnpVerifier.root(chain).getSubjectX500Principal().equals(root.getSubjectX500Principal())) {
                for (X509Certificate certificate : chain.certificates()) {
                    verified.requireNotRevoked(certificate, context);
                }
            }
        }
        pieces.add(new Piece(
                Kind.AMD_CRL,
                verified.window(),
                Map.of("revoked_entries", String.valueOf(verified.revoked().size()))));
    }

    private static Map<String, String> facts(X509Certificate issuer) {
        String name = X509.commonName(issuer.getSubjectX500Principal());
        return Map.of("product", name.substring(name.lastIndexOf('-') + 1));
    }

    private static ValidityWindow windowOf(X509Certificate certificate) {
        return new ValidityWindow(
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant());
    }
}
