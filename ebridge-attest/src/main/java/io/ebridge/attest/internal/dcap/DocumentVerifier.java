package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.crypto.SignatureScheme;
import io.ebridge.attest.internal.ExpiringCache;
import io.ebridge.attest.internal.VerificationContext;
import io.ebridge.attest.x509.VerifiedChain;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Verifies signed documents of Intel's: the signer's chain and name, the signature over the received bytes, the window. */
final class DocumentVerifier {

    private static final int MAX_ATTEMPTS = 4;

    private DocumentVerifier() {}

    /** A document with its content. */
    record Candidate<T>(SignedDocument document, T content) {}

    /** A verified document with its signer's chain. */
    record Verified<T>(T content, ValidityWindow window, VerifiedChain signer) {}

    /** Makes a document's content, or says why not. */
    interface Reader<T> {
        T read(SignedDocument document) throws EvidenceRejectedException;
    }

    /** What was parsed, remembered by hash. */
    private record Known(Candidate<?> candidate) {}

    /**
     * Parses all pieces of a kind; those that do not parse are left out, unless none does.
     *
     * @param salt distinguishes readers of one kind
     */
    static <T> List<Candidate<T>> candidates(
            DocumentKind kind,
            Class<T> type,
            String salt,
            List<Bytes> pieces,
            Reader<T> reader,
            VerificationContext context)
            throws EvidenceRejectedException {
        ExpiringCache<Known> cache = context.cache(Known.class);
        List<Candidate<T>> candidates = new ArrayList<>();
        EvidenceRejectedException first = null;
        for (Bytes piece : pieces) {
            Bytes key = Keys.of(kind.ordinal(), salt, piece);
            Optional<Known> known = cache.get(key, context.now());
            if (known.isPresent()) {
                SignedDocument document = known.get().candidate().document();
                candidates.add(new Candidate<>(
                        document, type.cast(known.get().candidate().content())));
                continue;
            }
            try {
                SignedDocument document = SignedDocument.parse(kind, piece);
                Candidate<T> candidate = new Candidate<>(document, reader.read(document));
                candidates.add(candidate);
                cache.put(key, new Known(candidate), ValidityWindow.ALWAYS, context.now(), 4 * piece.length());
            } catch (EvidenceRejectedException e) {
                first = first == null ? e : first;
            }
        }
        if (candidates.isEmpty() && first != null) {
            throw first;
        }
        return candidates;
    }

    /** Orders by use: current ones first, then the latest recovery, then the latest issue. */
    static <T> Comparator<Candidate<T>> byUse(VerificationContext context, java.util.function.ToIntFunction<T> number) {
        return Comparator.comparing((Candidate<T> c) -> !c.document().window().contains(context.now()))
                .thenComparing(Comparator.comparingInt((Candidate<T> c) -> number.applyAsInt(c.content()))
                        .reversed())
                .thenComparing(c -> c.document().window().from(), Comparator.reverseOrder());
    }

    /** Verifies candidates in order until one passes; reports the first one's failure if none does. */
    static <T> Verified<T> verifyFirst(
            List<Candidate<T>> ordered, Collateral collateral, List<X509Certificate> roots, VerificationContext context)
            throws EvidenceRejectedException {
        EvidenceRejectedException first = null;
        for (Candidate<T> candidate : ordered.subList(0, Math.min(MAX_ATTEMPTS, ordered.size()))) {
            try {
                return verify(candidate, collateral, roots, context);
            } catch (EvidenceRejectedException e) {
                first = first == null ? e : first;
            }
        }
        throw java.util.Objects.requireNonNull(first);
    }

    /**
     * Verifies one document.
     *
     * @param candidate the document
     * @param collateral where signing chains are
     * @param roots further root certificates, for chains that were delivered without theirs
     * @param context the instant, and where checks and windows are noted
     */
    static <T> Verified<T> verify(
            Candidate<T> candidate, Collateral collateral, List<X509Certificate> roots, VerificationContext context)
            throws EvidenceRejectedException {
        SignedDocument document = candidate.document();
        DocumentKind kind = document.kind();
        List<X509Certificate> pool = new ArrayList<>(PckChains.pool(signingPieces(kind, collateral), context));
        List<X509Certificate> signers = PckChains.named(pool, PckChains.SIGNER_NAME, context.now());
        context.require(
                !signers.isEmpty(),
                kind.signer,
                () -> "no certificate of " + PckChains.SIGNER_NAME + " is in the signing chain of the " + kind.title);
        pool.addAll(roots);

        EvidenceRejectedException first = null;
        for (X509Certificate signer : signers.subList(0, Math.min(MAX_ATTEMPTS, signers.size()))) {
            try {
                return verifyBy(signer, pool, candidate, context);
            } catch (EvidenceRejectedException e) {
                first = first == null ? e : first;
            }
        }
        throw java.util.Objects.requireNonNull(first);
    }

    private static <T> Verified<T> verifyBy(
            X509Certificate signer, List<X509Certificate> pool, Candidate<T> candidate, VerificationContext context)
            throws EvidenceRejectedException {
        SignedDocument document = candidate.document();
        DocumentKind kind = document.kind();
        VerifiedChain chain = context.chains()
                .verifyParsed(
                        PckChains.chain(signer, pool, PckChains.SIGNER.maxLength(), context.now()),
                        PckChains.SIGNER,
                        context);
        context.require(
                context.signatures()
                        .verify(SignatureScheme.ES256, chain.key(), document.signature(), document.signed()),
                kind.signature,
                () -> "the signature over the " + kind.title
                        + " does not verify: it was altered, or written again; keep the"
                        + " exact bytes of Intel's answer");
        context.window(document.window(), kind.early, kind.late, () -> "the " + kind.title);
        context.passed(kind.malformed);
        context.passed(kind.version);
        return new Verified<>(candidate.content(), document.window(), chain);
    }

    /** The pieces that may hold a document's signing chain: its own, or else those of the other documents, which share it. */
    private static List<Bytes> signingPieces(DocumentKind kind, Collateral collateral) {
        List<Bytes> own = collateral.pieces(kind.chain);
        if (!own.isEmpty()) {
            return own;
        }
        for (DocumentKind other : DocumentKind.values()) {
            List<Bytes> shared = collateral.pieces(other.chain);
            if (!shared.isEmpty()) {
                return shared;
            }
        }
        return List.of();
    }
}
