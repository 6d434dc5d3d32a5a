package io.ebridge.attest.internal;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralSource;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.crypto.Signatures;
import io.ebridge.attest.x509.ChainValidator;
import io.ebridge.attest.x509.CrlChecker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What one verifier keeps between verifications: its configuration and its caches. Thread-safe. */
public final class VerifierState {

    private final TrustAnchors anchors;
    private final CollateralSource source;
    private final InstantSource clock;
    private final int cacheEntries;
    private final Signatures signatures;
    private final ChainValidator chains;
    private final CrlChecker crls;
    private final Map<Class<?>, ExpiringCache<?>> caches = new ConcurrentHashMap<>();

    public VerifierState(
            TrustAnchors anchors,
            CollateralSource source,
            InstantSource clock,
            int cacheEntries,
            Signatures signatures) {
        this.anchors = anchors;
        this.source = source;
        this.clock = clock;
        this.cacheEntries = cacheEntries;
        this.signatures = signatures;
        this.chains = new ChainValidator(signatures, anchors, cacheEntries);
        this.crls = new CrlChecker(signatures, cacheEntries);
    }

    /** Starts one verification, at the instant that the clock gives now. */
    public VerificationContext begin(Strictness strictness, Duration skew, Collateral attached, boolean askSource) {
        Instant now = clock.instant();
        return new VerificationContext(
                this, now, skew, strictness, attached, askSource ? source : CollateralSource.none());
    }

    public TrustAnchors anchors() {
        return anchors;
    }

    public InstantSource clock() {
        return clock;
    }

    public Signatures signatures() {
        return signatures;
    }

    ChainValidator chains() {
        return chains;
    }

    CrlChecker crls() {
        return crls;
    }

    /** The cache for values of a type, made at first use. */
    @SuppressWarnings("unchecked")
    public <V> ExpiringCache<V> cache(Class<V> type) {
        ExpiringCache<?> cache = caches.get(type);
        if (cache == null) {
            cache = caches.computeIfAbsent(type, t -> new ExpiringCache<V>(cacheEntries));
        }
        return (ExpiringCache<V>) cache;
    }
}
