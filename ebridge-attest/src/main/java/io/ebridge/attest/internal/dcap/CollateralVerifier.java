package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.CollateralRequest;
import io.ebridge.attest.CollateralRequest.Intel.PckCa;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.crypto.SignatureScheme;
import io.ebridge.attest.intel.IntelPlatform;
import io.ebridge.attest.internal.ExpiringCache;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.internal.dcap.DocumentVerifier.Candidate;
import io.ebridge.attest.internal.dcap.DocumentVerifier.Verified;
import io.ebridge.attest.x509.VerifiedChain;
import io.ebridge.attest.x509.VerifiedCrl;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies everything behind a quote: PCK chain, both CRLs, TCB info, QE identity, in the order of Intel's quote verification. The
 * outcome is remembered by the hash of all that it was chosen from (where the quote itself names its platform), for no longer than any window in it lasts, and no longer than
 * until a piece that was passed over becomes valid.
 */
final class CollateralVerifier {

    private static final Bytes UNKNOWN_FMSPC = Bytes.of(new byte[6]);
    private static final int MAX_LEAVES = 16;
    private static final Set<Kind> KINDS = Set.copyOf(java.util.EnumSet.range(Kind.PCK_CHAIN, Kind.QE_IDENTITY_CHAIN));

    private final EvidenceFormat format;
    private final Quote quote;
    private final VerificationContext context;
    private Instant nextChoice = Instant.MAX;
    private Optional<Instant> oldestIssue = Optional.empty();

    CollateralVerifier(EvidenceFormat format, Quote quote, VerificationContext context) {
        this.format = format;
        this.quote = quote;
        this.context = context;
    }

    /** The PCK chain inside a quote, parsed only, with what to ask a source for, and whether the chain names its platform. */
    private record Embedded(List<X509Certificate> chain, boolean named, CollateralRequest request) {}

    PlatformCollateral verify() throws EvidenceRejectedException {
        Embedded embedded = embedded();
        Collateral collateral = context.collateral(embedded.request());
        Bytes key = key(collateral);
        ExpiringCache<PlatformCollateral> cache = context.cache(PlatformCollateral.class);
        Optional<PlatformCollateral> known = cache.get(key, context.now());
        if (known.isPresent()) {
            PlatformCollateral found = known.get();
            context.passed(found.checks());
            found.missing().forEach(context::missing);
            context.window(
                    found.window(),
                    RejectionReason.CERTIFICATE_NOT_YET_VALID,
                    RejectionReason.CERTIFICATE_EXPIRED,
                    "the collateral");
            return found;
        }
        PlatformCollateral verified = verifyCold(embedded, collateral);
        if (embedded.named()) {
            ValidityWindow until = new ValidityWindow(Instant.MIN, nextChoice);
            cache.put(key, verified, verified.window().intersect(until), context.now());
        }
        return verified;
    }

    private PlatformCollateral verifyCold(Embedded embedded, Collateral offered) throws EvidenceRejectedException {
        VerifiedChain pck = pckChain(embedded, offered);
        PckCa ca = PckChains.requireNames(pck.certificates(), context);
        IntelPlatform platform = PckExtension.platform(pck.leaf(), ca);
        context.passed(RejectionReason.PCK_EXTENSION_MALFORMED);
        // A chain that was supplied names the platform only now.
        Collateral collateral = context.collateral(new CollateralRequest.Intel(format, platform.fmspc(), ca));

        X509Certificate root = pck.certificates().get(2);
        X509Certificate pckCa = pck.certificates().get(1);
        Optional<VerifiedCrl> rootCrl = crl(Kind.ROOT_CA_CRL, collateral, root);
        if (rootCrl.isPresent()) {
            rootCrl.get().requireNotRevoked(pckCa, context);
        }
        Optional<VerifiedCrl> pckCrl = crl(Kind.PCK_CRL, collateral, pckCa);
        if (pckCrl.isPresent()) {
            pckCrl.get().requireNotRevoked(pck.leaf(), context);
        }

        Optional<Verified<TcbInfo>> tcbInfo = tcbInfo(collateral, platform, root);
        Optional<Verified<QeIdentity>> qeIdentity = qeIdentity(collateral, root);
        for (Optional<VerifiedChain> signer :
                List.of(tcbInfo.map(Verified::signer), qeIdentity.map(Verified::signer))) {
            if (rootCrl.isPresent() && signer.isPresent()) {
                rootCrl.get().requireNotRevoked(signer.get().leaf(), context);
            }
        }
        return new PlatformCollateral(
                pck,
                platform,
                tcbInfo.map(Verified::content),
                qeIdentity.map(Verified::content),
                rootCrl.isPresent() && pckCrl.isPresent(),
                oldestIssue,
                context.validity(),
                Set.copyOf(context.checks()),
                Set.copyOf(context.missing()));
    }

    /** Parses the chain inside the quote once; which platform it names, unverified, decides what a source is asked for. */
    private Embedded embedded() {
        Bytes data = quote.certificationData();
        Bytes key = Keys.of(format.ordinal(), "type " + quote.certificationType(), data);
        ExpiringCache<Embedded> cache = context.cache(Embedded.class);
        Optional<Embedded> known = cache.get(key, context.now());
        if (known.isPresent()) {
            return known.get();
        }
        Embedded embedded = parseEmbedded();
        cache.put(
                key,
                embedded,
                ValidityWindow.ALWAYS,
                context.now(),
                2 * quote.certificationData().length());
        return embedded;
    }

    private Embedded parseEmbedded() {
        CollateralRequest unknown = new CollateralRequest.Intel(format, UNKNOWN_FMSPC, PckCa.PLATFORM);
        if (quote.certificationType() != Quote.PCK_CHAIN_PEM) {
            return new Embedded(List.of(), false, unknown);
        }
        try {
            List<X509Certificate> chain = List.copyOf(PckChains.embedded(quote.certificationData()));
            List<X509Certificate> leaves = PckChains.named(chain, PckChains.LEAF_NAME, context.now());
            X509Certificate leaf = leaves.isEmpty() ? chain.get(0) : leaves.get(0);
            PckCa ca = PckChains.guessCa(leaf);
            try {
                Bytes fmspc = PckExtension.platform(leaf, ca).fmspc();
                return new Embedded(chain, true, new CollateralRequest.Intel(format, fmspc, ca));
            } catch (EvidenceRejectedException e) {
                return new Embedded(chain, false, unknown);
            }
        } catch (EvidenceRejectedException e) {
            return new Embedded(List.of(), false, unknown);
        }
    }

    /**
     * The quote's own chain, or one that was supplied: for quotes without one, for one that does not parse, and for a chain of the
     * same key that is in better order.
     */
    private VerifiedChain pckChain(Embedded embedded, Collateral offered) throws EvidenceRejectedException {
        List<X509Certificate> pool = PckChains.pool(offered.pieces(Kind.PCK_CHAIN), context);
        List<X509Certificate> supplied = PckChains.named(pool, PckChains.LEAF_NAME, context.now());
        List<X509Certificate> own = embedded.chain();
        if (!own.isEmpty()) {
            Optional<X509Certificate> same = supplied.stream()
                    .filter(leaf -> own.stream().anyMatch(c -> c.getPublicKey().equals(leaf.getPublicKey())))
                    .findFirst();
            if (same.isPresent()) {
                return verifySupplied(same.get(), pool);
            }
            return context.chains().verifyParsed(PckChains.ordered(own, context), PckChains.PCK, context);
        }
        if (supplied.isEmpty()) {
            if (quote.certificationType() == Quote.PCK_CHAIN_PEM) {
                return context.chains()
                        .verifyParsed(PckChains.embedded(quote.certificationData()), PckChains.PCK, context);
            }
            throw context.absent(
                    Kind.PCK_CHAIN,
                    RejectionReason.PCK_CHAIN_MISSING,
                    "the quote has certification data of type " + quote.certificationType()
                            + ", which is no PCK chain, and none was supplied: fetch it from a PCCS by the quote's ids");
        }
        context.passed(RejectionReason.PCK_CHAIN_MISSING);
        for (X509Certificate leaf : supplied.subList(0, Math.min(MAX_LEAVES, supplied.size()))) {
            if (supplied.size() == 1 || QuoteSignatures.isSignedBy(leaf.getPublicKey(), quote, context)) {
                return verifySupplied(leaf, pool);
            }
        }
        return verifySupplied(supplied.get(0), pool);
    }

    private VerifiedChain verifySupplied(X509Certificate leaf, List<X509Certificate> pool)
            throws EvidenceRejectedException {
        return context.chains()
                .verifyParsed(
                        PckChains.chain(leaf, pool, PckChains.PCK.maxLength(), context.now()), PckChains.PCK, context);
    }

    private Optional<VerifiedCrl> crl(Kind kind, Collateral collateral, X509Certificate issuer)
            throws EvidenceRejectedException {
        boolean demanded = context.strictness().level() == Strictness.Level.FULL;
        List<Parsed.Crl> all = new ArrayList<>();
        EvidenceRejectedException first = null;
        for (Bytes piece : collateral.pieces(kind)) {
            try {
                all.addAll(Parsed.crls(piece, context));
            } catch (EvidenceRejectedException e) {
                first = first == null ? e : first;
            }
        }
        if (all.isEmpty() && first != null) {
            throw first;
        }
        List<Parsed.Crl> own = all.stream()
                .filter(crl -> crl.issuer().equals(issuer.getSubjectX500Principal()))
                .sorted(Comparator.comparing((Parsed.Crl crl) -> !crl.isCurrent(context.now()))
                        .thenComparing(Parsed.Crl::thisUpdate, Comparator.reverseOrder()))
                .toList();
        if (own.isEmpty()) {
            if (demanded && !all.isEmpty()) {
                throw new EvidenceRejectedException(
                        RejectionReason.CRL_ISSUER,
                        "no revocation list is from "
                                + issuer.getSubjectX500Principal().getName() + "; those at hand are from "
                                + all.get(0).issuer().getName() + (all.size() > 1 ? " and others" : ""));
            }
            if (demanded) {
                throw context.absent(
                        kind,
                        RejectionReason.CRL_MISSING,
                        "the revocation list of "
                                + issuer.getSubjectX500Principal().getName() + " is not at hand");
            }
            context.missing(kind);
            return Optional.empty();
        }
        context.passed(RejectionReason.CRL_MISSING);
        own.forEach(crl -> noteLater(crl.thisUpdate()));
        EvidenceRejectedException failure = null;
        for (Parsed.Crl crl : own.subList(0, Math.min(4, own.size()))) {
            try {
                VerifiedCrl verified = context.crls().verify(crl.der(), issuer, SignatureScheme.ES256, context);
                noteIssue(verified.window().from());
                return Optional.of(verified);
            } catch (EvidenceRejectedException e) {
                failure = failure == null ? e : failure;
            }
        }
        throw java.util.Objects.requireNonNull(failure);
    }

    private Optional<Verified<TcbInfo>> tcbInfo(Collateral collateral, IntelPlatform platform, X509Certificate root)
            throws EvidenceRejectedException {
        boolean acceptVersion2 = context.strictness().acceptsTcbInfoV2();
        List<Candidate<TcbInfo>> all = candidates(
                DocumentKind.TCB_INFO,
                TcbInfo.class,
                acceptVersion2 ? "2" : "3",
                collateral.pieces(Kind.TCB_INFO),
                document -> TcbInfo.parse(document, acceptVersion2));
        if (all.isEmpty()) {
            missing(Kind.TCB_INFO, RejectionReason.TCB_INFO_MISSING);
            return Optional.empty();
        }
        context.passed(RejectionReason.TCB_INFO_MISSING);
        List<Candidate<TcbInfo>> ordered = all.stream()
                .sorted(Comparator.comparing((Candidate<TcbInfo> c) -> -fit(c.content(), platform))
                        .thenComparing(DocumentVerifier.byUse(context, TcbInfo::evaluationDataNumber)))
                .toList();
        int best = fit(ordered.get(0).content(), platform);
        ordered =
                ordered.stream().filter(c -> fit(c.content(), platform) == best).toList();
        ordered.forEach(c -> noteLater(c.document().window().from()));
        Verified<TcbInfo> verified = DocumentVerifier.verifyFirst(ordered, collateral, List.of(root), context);
        noteIssue(verified.window().from());
        requireSameRoot(verified, root, DocumentKind.TCB_INFO);
        TcbInfo info = verified.content();
        context.require(
                info.id().equals(format == EvidenceFormat.TDX ? TcbInfo.TDX : TcbInfo.SGX),
                RejectionReason.TCB_INFO_ID,
                () -> "the TCB info is for " + info.id() + ", the quote for " + format);
        context.require(
                info.fmspc().equals(platform.fmspc()),
                RejectionReason.TCB_INFO_FMSPC,
                () -> "the TCB info is for FMSPC " + info.fmspc() + ", the platform is " + platform.fmspc());
        context.require(
                info.pceId().equals(platform.pceId()),
                RejectionReason.TCB_INFO_PCEID,
                () -> "the TCB info is for PCE id " + info.pceId() + ", the platform has " + platform.pceId());
        return Optional.of(verified);
    }

    /**
     * What there is of a document. Where it may be absent altogether, one of a version that nobody can judge by any more counts as
     * absent: certificates of 2018 carry such collateral.
     */
    private <T> List<Candidate<T>> candidates(
            DocumentKind kind, Class<T> type, String salt, List<Bytes> pieces, DocumentVerifier.Reader<T> reader)
            throws EvidenceRejectedException {
        try {
            return DocumentVerifier.candidates(kind, type, salt, pieces, reader, context);
        } catch (EvidenceRejectedException e) {
            if (e.reason() == kind.version && context.strictness().level() == Strictness.Level.SIGNATURES_ONLY) {
                return List.of();
            }
            throw e;
        }
    }

    private int fit(TcbInfo info, IntelPlatform platform) {
        int fit = info.id().equals(format == EvidenceFormat.TDX ? TcbInfo.TDX : TcbInfo.SGX) ? 4 : 0;
        fit += info.fmspc().equals(platform.fmspc()) ? 2 : 0;
        return fit + (info.pceId().equals(platform.pceId()) ? 1 : 0);
    }

    private Optional<Verified<QeIdentity>> qeIdentity(Collateral collateral, X509Certificate root)
            throws EvidenceRejectedException {
        List<Candidate<QeIdentity>> all = candidates(
                DocumentKind.QE_IDENTITY, QeIdentity.class, "", collateral.pieces(Kind.QE_IDENTITY), QeIdentity::parse);
        if (all.isEmpty()) {
            missing(Kind.QE_IDENTITY, RejectionReason.QE_IDENTITY_MISSING);
            return Optional.empty();
        }
        context.passed(RejectionReason.QE_IDENTITY_MISSING);
        String wanted = format == EvidenceFormat.TDX ? "TD_QE" : "QE";
        boolean anyFits = all.stream().anyMatch(c -> c.content().id().equals(wanted));
        List<Candidate<QeIdentity>> ordered = all.stream()
                .filter(c -> !anyFits || c.content().id().equals(wanted))
                .sorted(DocumentVerifier.byUse(context, QeIdentity::evaluationDataNumber))
                .toList();
        ordered.forEach(c -> noteLater(c.document().window().from()));
        Verified<QeIdentity> verified = DocumentVerifier.verifyFirst(ordered, collateral, List.of(root), context);
        noteIssue(verified.window().from());
        requireSameRoot(verified, root, DocumentKind.QE_IDENTITY);
        context.require(
                verified.content().id().equals(wanted),
                RejectionReason.QE_IDENTITY_ID,
                () -> "the identity is of " + verified.content().id() + ", the quote needs that of " + wanted);
        return Optional.of(verified);
    }

    /** Whoever trusts two roots has one of them speak of the platforms of that one only; certificates of one key are one root. */
    private void requireSameRoot(Verified<?> document, X509Certificate root, DocumentKind kind)
            throws EvidenceRejectedException {
        List<X509Certificate> chain = document.signer().certificates();
        context.require(
                chain.get(chain.size() - 1).getPublicKey().equals(root.getPublicKey()),
                kind.signer,
                () -> "the signer of the " + kind.title + " leads to another root than the platform's PCK certificate");
    }

    private void missing(Kind kind, RejectionReason reason) throws EvidenceRejectedException {
        Strictness.Level level = context.strictness().level();
        if (level == Strictness.Level.FULL || level == Strictness.Level.WITHOUT_REVOCATION) {
            throw context.absent(
                    kind, reason, kind + " for the platform is not at hand: fetch it from Intel's PCS, or from a PCCS");
        }
        context.missing(kind);
    }

    /** A piece that starts to be valid later may then be the better choice. */
    private void noteLater(Instant start) {
        if (start.isAfter(context.now()) && !start.isAfter(nextChoice)) {
            nextChoice = start.minusNanos(1);
        }
    }

    private void noteIssue(Instant issued) {
        if (oldestIssue.isEmpty() || issued.isBefore(oldestIssue.get())) {
            oldestIssue = Optional.of(issued);
        }
    }

    private Bytes key(Collateral collateral) {
        Strictness strictness = context.strictness();
        Keys key = new Keys(format.ordinal())
                .add(strictness.level().ordinal())
                .add((strictness.acceptsTcbInfoV2() ? 2 : 0) + (strictness.acceptsUnorderedChain() ? 1 : 0))
                .add(quote.certificationType())
                .add(quote.certificationData());
        for (Kind kind : Kind.values()) {
            if (KINDS.contains(kind)) {
                List<Bytes> pieces = collateral.pieces(kind);
                key.add(pieces.size());
                pieces.forEach(key::add);
            }
        }
        return key.key();
    }
}
