package io.ebridge.attest.internal.nitro;

import io.ebridge.attest.Authenticity;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.CollateralRequest;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.Findings;
import io.ebridge.attest.Freshness;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Vendor;
import io.ebridge.attest.cbor.CborWriter;
import io.ebridge.attest.crypto.SignatureScheme;
import io.ebridge.attest.internal.FormatVerifier;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.nitro.NitroDocument;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.nitro.NitroResult;
import io.ebridge.attest.x509.ChainProfile;
import io.ebridge.attest.x509.ChainProfile.KeyKind;
import io.ebridge.attest.x509.VerifiedChain;
import io.ebridge.attest.x509.X509;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Verifies Nitro attestation documents (attestation process, section 3.2), in the order of the specification. */
public final class NitroVerifier implements FormatVerifier<NitroPolicy, NitroResult> {

    /** Root, regional, zonal and instance CA, and the leaf; room for more. All P-384 and SHA-384. */
    private static final ChainProfile PROFILE =
            new ChainProfile(Vendor.AWS, SignatureScheme.ES384, KeyKind.P384, 2, NitroParser.MAX_CABUNDLE + 1, true);

    private static final Set<RejectionReason> PARSED = EnumSet.of(
            RejectionReason.MALFORMED,
            RejectionReason.TRAILING_DATA,
            RejectionReason.NITRO_SIZE,
            RejectionReason.NITRO_COSE_STRUCTURE,
            RejectionReason.NITRO_ALGORITHM,
            RejectionReason.NITRO_UNPROTECTED_HEADER,
            RejectionReason.NITRO_DUPLICATE_KEY,
            RejectionReason.NITRO_FIELD_MISSING,
            RejectionReason.NITRO_FIELD_INVALID,
            RejectionReason.NITRO_DIGEST,
            RejectionReason.NITRO_PCR_INVALID);

    @Override
    public NitroResult verify(byte[] evidence, @Nullable NitroPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        CoseSign1 cose = NitroParser.parseCose(evidence);
        NitroDocument document = NitroParser.parsePayload(cose.payload());
        context.passed(PARSED);

        boolean archived = context.strictness().archived();
        if (archived) {
            // The signed time counts only once the signature does; the leaf's key is vouched for right after.
            requireSignature(
                    cose, X509.certificate(document.certificate().toByteArray()).getPublicKey(), context);
            context.asOf(document.timestamp());
        }
        VerifiedChain chain = context.chains().verify(leafToRoot(document), PROFILE, context);
        boolean revocationChecked = checkRevocation(chain, context);
        if (!archived) {
            requireSignature(cose, chain.key(), context);
        }
        requireTimestampInLeaf(document, chain.leaf(), context);

        Freshness freshness = NitroAppraiser.freshness(document, policy, archived, context);
        return new NitroResult(
                document,
                new Findings(
                        new Authenticity(chain.anchor(), revocationChecked, context.missing(), context.strictness()),
                        freshness,
                        NitroAppraiser.appraise(document, policy, context),
                        context.validity(),
                        context.checks()));
    }

    @Override
    public CollateralReport checkCollateral(Collateral collateral, VerificationContext context)
            throws EvidenceRejectedException {
        throw new EvidenceRejectedException(
                RejectionReason.CRL_ISSUER,
                "the issuers of Nitro revocation lists come with a document: verify them together");
    }

    private static List<byte[]> leafToRoot(NitroDocument document) {
        List<byte[]> chain = new ArrayList<>();
        chain.add(document.certificate().toByteArray());
        for (int i = document.cabundle().size() - 1; i >= 0; i--) {
            chain.add(document.cabundle().get(i).toByteArray());
        }
        return chain;
    }

    /** Sig_structure over the bytes as received (RFC 9052 section 4.4). */
    private static void requireSignature(CoseSign1 cose, PublicKey key, VerificationContext context)
            throws EvidenceRejectedException {
        byte[] signed = new CborWriter()
                .array(4)
                .text("Signature1")
                .bytes(cose.protectedHeader())
                .bytes(new byte[0])
                .bytes(cose.payload())
                .toByteArray();
        context.require(
                context.signatures().verify(SignatureScheme.ES384, key, cose.signature(), signed),
                RejectionReason.NITRO_SIGNATURE,
                "the document's signature does not verify with its certificate's key: it was altered");
    }

    private static void requireTimestampInLeaf(
            NitroDocument document, X509Certificate leaf, VerificationContext context)
            throws EvidenceRejectedException {
        Instant from = leaf.getNotBefore().toInstant();
        Instant until = leaf.getNotAfter().toInstant();
        context.require(
                !document.timestamp().isBefore(from) && !document.timestamp().isAfter(until),
                RejectionReason.NITRO_TIMESTAMP_OUTSIDE_CERTIFICATE,
                () -> "the signed time " + document.timestamp() + " lies outside the certificate's validity, " + from
                        + " to " + until);
    }

    /**
     * Checks every certificate whose issuer's CRL is at hand. AWS publishes no CRLs for the chain by way of the document and advises
     * against revocation checks, so none is demanded.
     */
    private static boolean checkRevocation(VerifiedChain chain, VerificationContext context)
            throws EvidenceRejectedException {
        List<Bytes> lists = context.collateral(Collateral.Kind.NITRO_CRL, new CollateralRequest.Nitro());
        if (lists.isEmpty()) {
            return false;
        }
        int checked = 0;
        List<X509Certificate> certificates = chain.certificates();
        for (int i = 0; i + 1 < certificates.size(); i++) {
            X509Certificate issuer = certificates.get(i + 1);
            boolean found = false;
            for (Bytes list : lists) {
                byte[] der = list.toByteArray();
                X509CRL crl = X509.crl(der);
                if (crl.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
                    context.crls()
                            .verify(der, issuer, SignatureScheme.ES384, context)
                            .requireNotRevoked(certificates.get(i), context);
                    found = true;
                }
            }
            checked += found ? 1 : 0;
        }
        return checked == certificates.size() - 1;
    }
}
