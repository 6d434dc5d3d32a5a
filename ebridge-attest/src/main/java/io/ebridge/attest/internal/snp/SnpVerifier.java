package io.ebridge.attest.internal.snp;

import io.ebridge.attest.Appraisal;
import io.ebridge.attest.Authenticity;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.CollateralReport;
import io.ebridge.attest.CollateralRequest;
import io.ebridge.attest.CollateralRequest.Amd.SigningKey;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.Findings;
import io.ebridge.attest.Freshness;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness.Level;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.Vendor;
import io.ebridge.attest.crypto.SignatureScheme;
import io.ebridge.attest.internal.FormatVerifier;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.snp.SnpPolicy;
import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.snp.SnpReport;
import io.ebridge.attest.snp.SnpResult;
import io.ebridge.attest.snp.SnpTcb;
import io.ebridge.attest.x509.ChainProfile;
import io.ebridge.attest.x509.ChainProfile.KeyKind;
import io.ebridge.attest.x509.VerifiedChain;
import io.ebridge.attest.x509.VerifiedCrl;
import io.ebridge.attest.x509.X509;
import java.security.cert.X509Certificate;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies SEV-SNP reports: layout, endorsement chain and revocation, signature, what the endorsement says of the
 * platform, order of versions, then the policy. Sources: AMD 56860 (SEV-SNP firmware ABI), AMD 57230 (VCEK certificate
 * and KDS interface).
 */
public final class SnpVerifier implements FormatVerifier<SnpPolicy, SnpResult> {

    private static final ChainProfile PROFILE =
            new ChainProfile(Vendor.AMD, SignatureScheme.PS384, KeyKind.P384, 3, 3, false);
    static final Kind[] KINDS = {Kind.VCEK, Kind.VLEK, Kind.ASK, Kind.ASVK, Kind.ARK, Kind.AMD_CRL};

    @Override
    public SnpResult verify(byte[] evidence, @Nullable SnpPolicy policy, VerificationContext context)
            throws EvidenceRejectedException {
        Bytes bytes = Bytes.of(evidence);
        SnpReport report = SnpReport.parse(bytes);
        context.passed(EnumSet.of(
                RejectionReason.MALFORMED,
                RejectionReason.UNSUPPORTED_VERSION,
                RejectionReason.SNP_RESERVED,
                RejectionReason.SNP_HOST_REPORT,
                RejectionReason.SNP_SIGNATURE_ALGORITHM,
                RejectionReason.SNP_NOT_SIGNED));
        Optional<SnpProduct> stated = statedProduct(report, context);

        CollateralRequest request = request(report, stated);
        Endorsement endorsement = endorsement(report, request, context);
        VerifiedChain chain = endorsement.chain();
        SnpProduct product = requireProduct(report, stated, endorsement, context);
        VerifiedCrl crl = revocation(endorsement, request, context);

        Checks.require(
                context,
                context.signatures()
                        .verify(
                                SignatureScheme.ES384,
                                chain.key(),
                                SnpReportReader.signature(bytes),
                                bytes.slice(0, SnpReportReader.SIGNED_LENGTH).toByteArray()),
                RejectionReason.SNP_SIGNATURE,
                () -> "the report's signature does not verify with the " + report.signingKey()
                        + " at hand: is its certificate that of this chip and this TCB?");
        requirePlatform(report, endorsement.extensions(), context);

        for (Bytes version : List.of(report.currentTcb(), report.committedTcb(), report.launchTcb())) {
            Checks.require(
                    context,
                    SnpTcb.reservedAreZero(product, version),
                    RejectionReason.SNP_RESERVED,
                    () -> "the TCB version " + version + " has reserved bytes that are not zero");
        }
        SnpTcb current = SnpTcb.read(product, report.currentTcb());
        SnpTcb reported = SnpTcb.read(product, report.reportedTcb());
        SnpTcb committed = SnpTcb.read(product, report.committedTcb());
        SnpTcb launch = SnpTcb.read(product, report.launchTcb());
        requireOrder(report, current, reported, committed, launch, context);

        SnpAppraiser appraiser = new SnpAppraiser(report, product, reported, launch, endorsement.extensions(), context);
        Set<Freshness.Proof> proofs = policy == null ? Set.of() : appraiser.freshness(policy);
        Optional<String> matched = policy == null ? Optional.empty() : Optional.of(appraiser.appraise(policy));
        return new SnpResult(
                new Findings(
                        new Authenticity(chain.anchor(), crl != null, context.missing(), context.strictness()),
                        new Freshness(context.now(), Optional.empty(), proofs),
                        new Appraisal(policy != null, report.debug(), matched),
                        context.validity(),
                        context.checks()),
                report,
                product,
                current,
                reported,
                committed,
                launch,
                endorsement.extensions().cspId());
    }

    /** From version 3 on the report names its processor. */
    private static Optional<SnpProduct> statedProduct(SnpReport report, VerificationContext context)
            throws EvidenceRejectedException {
        if (report.cpu().isEmpty()) {
            return Optional.empty();
        }
        Optional<SnpProduct> product = SnpProduct.ofCpuid(
                report.cpu().get().family(), report.cpu().get().model());
        Checks.require(
                context,
                product.isPresent(),
                RejectionReason.SNP_PRODUCT,
                () -> "the report is from a processor that is not known: "
                        + report.cpu().get());
        return product;
    }

    /** A report of version 2 does not name its product: the last bytes of a Turin chip id are zero, others' are not. */
    private static CollateralRequest request(SnpReport report, Optional<SnpProduct> stated) {
        boolean shortId =
                report.chipId().slice(8, 56).isZero() && !report.chipId().isZero();
        Optional<SnpProduct> product = stated.isPresent() || !shortId ? stated : Optional.of(SnpProduct.TURIN);
        return new CollateralRequest.Amd(
                product.map(SnpProduct::line).orElse(""), report.signingKey(), report.chipId(), report.reportedTcb());
    }

    private static Endorsement endorsement(SnpReport report, CollateralRequest request, VerificationContext context)
            throws EvidenceRejectedException {
        Map<Kind, List<Bytes>> pieces = new EnumMap<>(Kind.class);
        Collateral all = context.collateral(request);
        for (Kind kind : KINDS) {
            pieces.put(kind, all.pieces(kind));
        }
        Bytes key = SelectionKey.of(report, pieces);
        Optional<Endorsement> known = context.cache(Endorsement.class).get(key, context.now());
        if (known.isPresent()) {
            VerifiedChain chain = known.get().chain();
            // The chain's own memory notes its checks and windows again.
            context.chains().verifyParsed(chain.certificates(), PROFILE, context);
            context.passed(EnumSet.of(
                    RejectionReason.SNP_ENDORSEMENT_MISSING,
                    RejectionReason.SNP_ENDORSEMENT_TYPE,
                    RejectionReason.SNP_ENDORSEMENT_EXTENSIONS));
            return known.get();
        }
        EndorsementSelector selector = new EndorsementSelector(pieces, context);
        Endorsement verified = verify(selector.endorsementKey(report), report.signingKey(), selector, context);
        context.passed(RejectionReason.SNP_ENDORSEMENT_MISSING);
        Optional<RevocationList> crl = RevocationList.choose(
                pieces.get(Kind.AMD_CRL), root(verified.chain()).getSubjectX500Principal(), context.now());
        Endorsement endorsement =
                new Endorsement(verified.chain(), verified.extensions(), crl.map(RevocationList::der));
        ValidityWindow window = verified.chain().window();
        context.cache(Endorsement.class)
                .put(
                        key,
                        endorsement,
                        crl.map(RevocationList::window).map(window::intersect).orElse(window),
                        context.now());
        return endorsement;
    }

    static X509Certificate root(VerifiedChain chain) {
        return chain.certificates().get(chain.certificates().size() - 1);
    }

    static Endorsement verify(
            X509Certificate vek, SigningKey key, EndorsementSelector selector, VerificationContext context)
            throws EvidenceRejectedException {
        X509Certificate issuer = selector.issuerOf(vek, Kind.ASK, Kind.ASVK)
                .orElseThrow(() -> selector.missing(
                        key == SigningKey.VLEK ? Kind.ASVK : Kind.ASK,
                        "there is no certificate of the issuer of the " + key));
        X509Certificate root = selector.issuerOf(issuer, Kind.ARK)
                .orElseThrow(() -> selector.missing(Kind.ARK, "there is no certificate of AMD's root key"));
        VerifiedChain chain = context.chains().verifyParsed(List.of(vek, issuer, root), PROFILE, context);
        VekExtensions extensions = VekExtensions.read(vek);
        context.passed(RejectionReason.SNP_ENDORSEMENT_EXTENSIONS);
        requireNames(chain, key, extensions, context);
        return new Endorsement(chain, extensions, Optional.empty());
    }

    /** ARK-Milan issues SEV-Milan and SEV-VLEK-Milan, and each of them one kind of key (AMD 57230, certificate profiles). */
    private static void requireNames(
            VerifiedChain chain, SigningKey key, VekExtensions extensions, VerificationContext context)
            throws EvidenceRejectedException {
        String line = extensions.product().line();
        String issuer = X509.commonName(chain.certificates().get(1).getSubjectX500Principal());
        String expected = key == SigningKey.VLEK ? "SEV-VLEK-" : "SEV-";
        Checks.require(
                context,
                issuer.startsWith("SEV-VLEK-") == (key == SigningKey.VLEK),
                RejectionReason.SNP_ENDORSEMENT_TYPE,
                () -> "a " + key + " is issued by " + expected + line + ", not by " + issuer);
        Checks.require(
                context,
                extensions.hardwareId().isPresent() == (key == SigningKey.VCEK)
                        && extensions.cspId().isPresent() == (key == SigningKey.VLEK),
                RejectionReason.SNP_ENDORSEMENT_TYPE,
                () -> "the certificate of a VCEK names a chip, that of a VLEK a cloud provider; this one of a " + key
                        + " does not");
        Checks.require(
                context,
                issuer.equals(expected + line)
                        && X509.commonName(chain.certificates().get(2).getSubjectX500Principal())
                                .equals("ARK-" + line),
                RejectionReason.SNP_PRODUCT,
                () -> "the certificate is for " + line + " and was issued by " + issuer);
    }

    private static SnpProduct requireProduct(
            SnpReport report, Optional<SnpProduct> stated, Endorsement endorsement, VerificationContext context)
            throws EvidenceRejectedException {
        SnpProduct product = endorsement.extensions().product();
        Checks.require(
                context,
                stated.isEmpty() || stated.get() == product,
                RejectionReason.SNP_PRODUCT,
                () -> "the report is from " + stated.map(SnpProduct::line).orElse("") + ", its " + report.signingKey()
                        + " is certified for " + product.line());
        return product;
    }

    /** The root's list speaks of the certificates below it: issuer and endorsement key. */
    private static @Nullable VerifiedCrl revocation(
            Endorsement endorsement, CollateralRequest request, VerificationContext context)
            throws EvidenceRejectedException {
        VerifiedChain chain = endorsement.chain();
        String root = X509.commonName(root(chain).getSubjectX500Principal());
        Optional<Bytes> der = endorsement.crl();
        if (der.isEmpty()) {
            if (context.strictness().level() != Level.FULL) {
                context.missing(Kind.AMD_CRL);
                return null;
            }
            Checks.require(
                    context,
                    context.collateral(request).pieces(Kind.AMD_CRL).isEmpty(),
                    RejectionReason.CRL_ISSUER,
                    () -> "no revocation list at hand is from " + root);
            throw context.absent(
                    Kind.AMD_CRL,
                    RejectionReason.CRL_MISSING,
                    "there is no revocation list of " + root
                            + ": get it from AMD's key distribution service, or accept its absence by name");
        }
        context.passed(RejectionReason.CRL_MISSING);
        VerifiedCrl crl = context.crls().verify(der.get().toByteArray(), root(chain), SignatureScheme.PS384, context);
        crl.requireNotRevoked(chain.certificates().get(1), context);
        crl.requireNotRevoked(chain.leaf(), context);
        return crl;
    }

    /** The key was derived for one chip and one TCB, and its certificate says which (AMD 57230, extensions). */
    private static void requirePlatform(SnpReport report, VekExtensions extensions, VerificationContext context)
            throws EvidenceRejectedException {
        Optional<Bytes> id = extensions.hardwareId();
        if (id.isPresent()) {
            Checks.require(
                    context,
                    sameChip(id.get(), report.chipId()),
                    RejectionReason.SNP_CHIP_ID_MISMATCH,
                    () -> report.chipId().isZero()
                            ? "the report's chip id is masked, so its VCEK cannot be tied to it"
                            : "the certificate is for the chip " + id.get() + ", the report from " + report.chipId());
        }
        Checks.require(
                context,
                extensions.tcb().equals(report.reportedTcb()),
                RejectionReason.SNP_TCB_MISMATCH,
                () -> "the certificate is for TCB " + extensions.tcb() + ", the report states " + report.reportedTcb());
    }

    /** Turin's id has 8 bytes and stands in front of zeros in the report. */
    static boolean sameChip(Bytes hardwareId, Bytes chipId) {
        int length = hardwareId.length();
        return !hardwareId.isZero()
                && hardwareId.equals(chipId.slice(0, length))
                && chipId.slice(length, chipId.length() - length).isZero();
    }

    /** AMD 56860, "TCB versions" and SNP_COMMIT: what is reported, committed or was launched under is never above what runs. */
    private static void requireOrder(
            SnpReport report,
            SnpTcb current,
            SnpTcb reported,
            SnpTcb committed,
            SnpTcb launch,
            VerificationContext context)
            throws EvidenceRejectedException {
        Checks.require(
                context,
                current.atLeast(reported),
                RejectionReason.SNP_TCB_ORDER,
                () -> "the reported TCB is above the current one: " + current.shortfall(reported));
        Checks.require(
                context,
                current.atLeast(committed),
                RejectionReason.SNP_TCB_ORDER,
                () -> "the committed TCB is above the current one: " + current.shortfall(committed));
        Checks.require(
                context,
                current.atLeast(launch),
                RejectionReason.SNP_TCB_ORDER,
                () -> "the TCB at launch is above the current one: " + current.shortfall(launch));
        Checks.require(
                context,
                report.currentFirmware().compareTo(report.committedFirmware()) >= 0,
                RejectionReason.SNP_TCB_ORDER,
                () -> "the committed firmware " + report.committedFirmware() + " is above the current one "
                        + report.currentFirmware());
    }

    @Override
    public CollateralReport checkCollateral(Collateral collateral, VerificationContext context)
            throws EvidenceRejectedException {
        return new SnpCollateralCheck(collateral, context).run();
    }
}
