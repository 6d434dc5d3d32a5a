package io.ebridge.attest.internal;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralRequest;
import io.ebridge.attest.CollateralSource;
import io.ebridge.attest.CollateralUnavailableException;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.crypto.Signatures;
import io.ebridge.attest.x509.ChainValidator;
import io.ebridge.attest.x509.CrlChecker;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One verification: its instant, what it may use, and what it has found so far. Belongs to one thread.
 *
 * <p>Every window is checked against the one instant by {@link #window}, and narrows {@link #validity()}; every check that
 * passed is noted by {@link #passed} or {@link #require}.
 */
public final class VerificationContext {

    private final VerifierState state;
    private final Duration skew;
    private final Strictness strictness;
    private final Collateral attached;
    private final CollateralSource source;
    private final EnumSet<RejectionReason> passed = EnumSet.noneOf(RejectionReason.class);
    private final EnumSet<Collateral.Kind> missing = EnumSet.noneOf(Collateral.Kind.class);
    private Instant now;
    private ValidityWindow validity = ValidityWindow.ALWAYS;
    private @Nullable Collateral found;
    private @Nullable CollateralRequest askedFor;
    private @Nullable CollateralUnavailableException sourceFailure;

    VerificationContext(
            VerifierState state,
            Instant now,
            Duration skew,
            Strictness strictness,
            Collateral attached,
            CollateralSource source) {
        this.state = state;
        this.now = now;
        this.skew = skew;
        this.strictness = strictness;
        this.attached = attached;
        this.source = source;
    }

    /** The instant at which every window is evaluated. */
    public Instant now() {
        return now;
    }

    /** Judges as of another instant from here on: archived evidence, once its signature is known to be good. */
    public void asOf(Instant instant) {
        now = instant;
    }

    public Duration skew() {
        return skew;
    }

    public Strictness strictness() {
        return strictness;
    }

    public TrustAnchors anchors() {
        return state.anchors();
    }

    public Signatures signatures() {
        return state.signatures();
    }

    public ChainValidator chains() {
        return state.chains();
    }

    public CrlChecker crls() {
        return state.crls();
    }

    /** The verifier's cache for values of a type. */
    public <V> ExpiringCache<V> cache(Class<V> type) {
        return state.cache(type);
    }

    /** Notes a check that was made and passed. */
    public void passed(RejectionReason reason) {
        passed.add(reason);
    }

    /** Notes checks that were made and passed, as a cached verdict remembers them. */
    public void passed(Set<RejectionReason> reasons) {
        passed.addAll(reasons);
    }

    /** Makes a check: notes it, or rejects with it. The detail is for an operator and free of secrets. */
    public void require(boolean condition, RejectionReason reason, String detail) throws EvidenceRejectedException {
        require(condition, reason, () -> detail);
    }

    /** As {@link #require(boolean, RejectionReason, String)}, with a detail that is written only if it is needed. */
    public void require(boolean condition, RejectionReason reason, Supplier<String> detail)
            throws EvidenceRejectedException {
        if (!condition) {
            throw new EvidenceRejectedException(reason, detail.get());
        }
        passed.add(reason);
    }

    /**
     * Checks a window against the instant and narrows the result's validity by it. The skew moves the start only.
     *
     * @param window the window
     * @param early the reason if the instant lies before it
     * @param late the reason if the instant lies after it
     * @param what whose window it is, for the message
     */
    public void window(ValidityWindow window, RejectionReason early, RejectionReason late, String what)
            throws EvidenceRejectedException {
        window(window, early, late, () -> what);
    }

    /** As {@link #window(ValidityWindow, RejectionReason, RejectionReason, String)}, with a name that is written only if it is needed. */
    public void window(ValidityWindow window, RejectionReason early, RejectionReason late, Supplier<String> what)
            throws EvidenceRejectedException {
        if (now.isAfter(window.until())) {
            throw new EvidenceRejectedException(
                    late, what.get() + " ended at " + window.until() + ", and it is " + now + ": get a newer one");
        }
        if (now.plus(skew).isBefore(window.from())) {
            throw new EvidenceRejectedException(
                    early, what.get() + " starts at " + window.from() + ", and it is " + now + ": check the clock");
        }
        passed.add(early);
        passed.add(late);
        validity = validity.intersect(window);
    }

    public ValidityWindow validity() {
        return validity;
    }

    public Set<RejectionReason> checks() {
        return passed;
    }

    /**
     * The pieces of a kind: those of the source first, then those that came with the evidence.
     *
     * @param kind the kind
     * @param request what to ask the source for
     * @return the pieces, perhaps none
     */
    public List<Bytes> collateral(Collateral.Kind kind, CollateralRequest request) throws EvidenceRejectedException {
        Collateral all = collateral(request);
        List<Bytes> pieces = all.pieces(kind);
        CollateralUnavailableException failure = failure(kind);
        if (pieces.isEmpty()
                && failure != null
                && failure.reason() != CollateralUnavailableException.Reason.NOT_FOUND) {
            throw unavailable(kind, failure);
        }
        return pieces;
    }

    /**
     * The rejection for want of a kind of collateral: {@link RejectionReason#COLLATERAL_UNAVAILABLE} if the source could not be asked
     * for it, else the given reason, with what the source answered where that is known.
     *
     * @param kind the kind
     * @param reason the reason if the source has none
     * @param detail for an operator
     */
    public EvidenceRejectedException absent(Collateral.Kind kind, RejectionReason reason, String detail) {
        CollateralUnavailableException failure = failure(kind);
        if (failure == null) {
            return new EvidenceRejectedException(reason, detail);
        }
        return failure.reason() == CollateralUnavailableException.Reason.NOT_FOUND
                ? new EvidenceRejectedException(reason, detail + "; " + failure.getMessage(), failure)
                : unavailable(kind, failure);
    }

    private @Nullable CollateralUnavailableException failure(Collateral.Kind kind) {
        Collateral all = found;
        return sourceFailure != null || all == null
                ? sourceFailure
                : all.unavailable().get(kind);
    }

    private static EvidenceRejectedException unavailable(Collateral.Kind kind, CollateralUnavailableException failure) {
        return new EvidenceRejectedException(
                RejectionReason.COLLATERAL_UNAVAILABLE,
                "no " + kind + " came with the evidence, and the source failed: " + failure.getMessage(),
                failure);
    }

    /**
     * All pieces for a request, those of the source first. The source is asked once for each different request; that it could not
     * be asked is held back until something is missing, see {@link #absent}.
     *
     * @param request what to ask the source for
     * @return the pieces, perhaps none
     */
    public Collateral collateral(CollateralRequest request) {
        Collateral all = found;
        if (all == null || !request.equals(askedFor)) {
            sourceFailure = null;
            try {
                all = source.find(request).plus(attached);
            } catch (CollateralUnavailableException e) {
                sourceFailure = e;
                all = attached;
            }
            found = all;
            askedFor = request;
        }
        return all;
    }

    /** Notes a kind of collateral that the strictness did without. */
    public void missing(Collateral.Kind kind) {
        missing.add(kind);
    }

    public Set<Collateral.Kind> missing() {
        return missing;
    }
}
