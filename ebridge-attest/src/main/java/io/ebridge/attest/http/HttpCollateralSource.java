package io.ebridge.attest.http;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralRequest;
import io.ebridge.attest.CollateralSource;
import io.ebridge.attest.CollateralUnavailableException;
import io.ebridge.attest.CollateralUnavailableException.Reason;
import io.ebridge.attest.http.Addresses.Wanted;
import io.ebridge.attest.http.DocumentCache.Document;
import io.ebridge.attest.snp.SnpProduct;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Fetches collateral from Intel's Provisioning Certification Service (or a PCCS cache) and AMD's Key Distribution Service.
 *
 * <p>Guaranteed: a call ends within {@link Builder#timeout}; every answer has a size limit; one document is fetched once,
 * however many threads ask for it at a time; a document older than {@link Builder#refreshAfter} is handed out while it is
 * valid and renewed behind the caller's back, so that an outage of the service is felt only when windows end; a service
 * that says 429 or 503 is left alone for as long as it says, 15 minutes at most. Not guaranteed: the integrity of anything. Everything is
 * signed by the vendor, and the verifier checks that.
 *
 * <p>What the service does not have is left out of the answer. If some documents come and others fail, those that came are
 * returned and the failures are logged; if all fail, {@link #find} throws. {@link Collateral#unavailable()} of the answer says
 * of each document that is not in it what the service answered, so that a verifier that misses it can tell the operator.
 *
 * <p>Evidence decides what is fetched: whoever may submit evidence can make this source ask for chips and platforms that do
 * not exist. Failures are remembered for {@link Builder#failureMemory}, and at most {@value #MAX_LOADS} requests are
 * under way at once. The key of a VLEK is handed out by cloud providers, not by AMD's service: it has to come with the
 * evidence.
 *
 * <pre>{@code
 * try (HttpCollateralSource vendors = HttpCollateralSource.builder().build()) {
 *     EvidenceVerifier verifier = EvidenceVerifier.builder().collateral(vendors).build();
 * }
 * }</pre>
 *
 * <p>Sources: Intel SGX and TDX Provisioning Certification Service API, version 4; AMD 57230, section 4. Thread-safe.
 */
public final class HttpCollateralSource implements CollateralSource, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(HttpCollateralSource.class.getName());
    private static final int MAX_LOADS = 64;

    private final Addresses addresses;
    private final HttpFetcher fetcher;
    private final DocumentCache<Collateral> documents;
    private final Map<String, String> headers;
    private final Duration timeout;
    private final int maxDocumentBytes;
    private volatile boolean closed;

    private HttpCollateralSource(Builder builder, HttpClient client) {
        this.addresses = new Addresses(builder.pcs, builder.rootCrl, builder.kds, builder.query);
        this.fetcher = new HttpFetcher(client, builder.clock, builder.requestTimeout);
        this.documents = new DocumentCache<>(
                builder.clock, builder.refreshAfter, builder.failureMemory, builder.maxDocuments, MAX_LOADS);
        this.headers = Map.copyOf(builder.headers);
        this.timeout = builder.timeout;
        this.maxDocumentBytes = builder.maxDocumentBytes;
    }

    /**
     * Starts a source with the vendors' own addresses.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Collateral find(CollateralRequest request) throws CollateralUnavailableException {
        if (closed) {
            throw new CollateralUnavailableException(Reason.UNREACHABLE, "the source is closed", null);
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        if (request instanceof CollateralRequest.Intel intel) {
            return fetch(addresses.intel(intel), deadline);
        }
        if (request instanceof CollateralRequest.Amd amd) {
            Iterator<SnpProduct> products = Addresses.products(amd).iterator();
            Collateral found = fetch(addresses.amd(amd, products.next()), deadline);
            while (products.hasNext() && found.pieces(Collateral.Kind.VCEK).isEmpty()) {
                found = found.plus(fetch(addresses.amd(amd, products.next()), deadline));
            }
            return found;
        }
        return Collateral.none();
    }

    private Collateral fetch(List<Wanted> wanted, long deadline) throws CollateralUnavailableException {
        List<CompletableFuture<Collateral>> pending = new ArrayList<>();
        for (Wanted document : wanted) {
            pending.add(documents.get(document.uri().toString(), deadline, until -> load(document, until)));
        }
        Collateral.Builder found = Collateral.builder();
        CollateralUnavailableException failure = null;
        boolean any = false;
        for (int i = 0; i < wanted.size(); i++) {
            try {
                found.addAll(DocumentCache.await(pending.get(i), deadline));
                any = true;
            } catch (FetchException e) {
                CollateralUnavailableException why = unavailable(wanted.get(i), e);
                note(wanted.get(i), why, found);
                if (e.kind() == FetchException.Kind.NOT_FOUND) {
                    any = true;
                } else {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "no {0}: {1}",
                            wanted.get(i).kind(),
                            e.getMessage());
                    failure = why;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CollateralUnavailableException(
                        Reason.INTERRUPTED,
                        "interrupted while waiting for " + wanted.get(i).kind(),
                        e);
            }
        }
        if (!any && failure != null) {
            throw failure;
        }
        return found.build();
    }

    /** AMD's chain brings issuer and root, Intel's documents their signing chains: what is missing is missing with all that it brings. */
    private static void note(Wanted wanted, CollateralUnavailableException why, Collateral.Builder found) {
        found.unavailable(wanted.kind(), why);
        Collateral.Kind chain = wanted.chainKind();
        if (chain != null) {
            found.unavailable(chain, why);
        }
        if (wanted.kind() == Collateral.Kind.ASK || wanted.kind() == Collateral.Kind.ASVK) {
            found.unavailable(Collateral.Kind.ARK, why);
        }
    }

    private CompletableFuture<Document<Collateral>> load(Wanted wanted, long deadline) {
        return fetcher.get(wanted.uri(), headers, maxDocumentBytes, deadline).thenApply(reply -> {
            try {
                return Answers.read(wanted, reply);
            } catch (FetchException e) {
                throw new CompletionException(e);
            }
        });
    }

    private static CollateralUnavailableException unavailable(Wanted wanted, FetchException e) {
        Reason reason =
                switch (e.kind()) {
                    case RATE_LIMITED, BUSY -> Reason.THROTTLED;
                    case NOT_FOUND -> Reason.NOT_FOUND;
                    case REFUSED -> Reason.REFUSED;
                    case UNUSABLE -> Reason.BAD_ANSWER;
                    case UNREACHABLE -> Reason.UNREACHABLE;
                };
        return new CollateralUnavailableException(reason, wanted.kind() + ": " + e.getMessage(), e);
    }

    /** Ends what is under way; {@link #find} then throws. Idempotent. */
    @Override
    public void close() {
        closed = true;
        documents.cancelLoads();
    }

    /** Collects settings. Not thread-safe. */
    public static final class Builder {

        private String pcs = "https://api.trustedservices.intel.com";
        private String rootCrl = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";
        private String kds = "https://kdsintf.amd.com";
        private String query = "";
        private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        private Duration timeout = Duration.ofSeconds(20);
        private Duration requestTimeout = Duration.ofSeconds(10);
        private Duration refreshAfter = Duration.ofHours(1);
        private Duration failureMemory = Duration.ofSeconds(10);
        private int maxDocuments = 1024;
        private int maxDocumentBytes = Collateral.MAX_PIECE_BYTES;
        private InstantSource clock = InstantSource.system();
        private @Nullable ProxySelector proxy;
        private @Nullable SSLContext tls;
        private @Nullable Executor executor;

        private Builder() {}

        /**
         * Another address for Intel's service, with the paths of version 4 below it. Default: Intel's own.
         *
         * @param base for example {@code https://api.trustedservices.intel.com}
         * @param rootCrlAddress where the root CA's revocation list is
         * @return this
         * @throws IllegalArgumentException if either is no http or https address
         */
        public Builder intelPcs(URI base, URI rootCrlAddress) {
            this.pcs = base(base);
            this.rootCrl = address(rootCrlAddress).toString();
            return this;
        }

        /**
         * A PCCS, which has the root CA's revocation list too.
         *
         * @param base for example {@code https://pccs.example.org:8081}
         * @return this
         * @throws IllegalArgumentException if it is no http or https address
         */
        public Builder intelPccs(URI base) {
            this.pcs = base(base);
            this.rootCrl = pcs + "/sgx/certification/v4/rootcacrl";
            return this;
        }

        /**
         * Asks for what Intel publishes ahead of the standard date of a TCB recovery.
         *
         * @return this
         */
        public Builder earlyTcbUpdate() {
            this.query = "update=early";
            return this;
        }

        /**
         * Asks for the TCB info and identities of one TCB evaluation data number.
         *
         * @param number above zero
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder tcbEvaluationDataNumber(int number) {
            if (number < 1) {
                throw new IllegalArgumentException("an evaluation number is above zero, not " + number);
            }
            this.query = "tcbEvaluationDataNumber=" + number;
            return this;
        }

        /**
         * Another address for AMD's service. Default: AMD's own.
         *
         * @param base for example {@code https://kdsintf.amd.com}
         * @return this
         * @throws IllegalArgumentException if it is no http or https address
         */
        public Builder amdKds(URI base) {
            this.kds = base(base);
            return this;
        }

        /**
         * A header for every request, as caches and gateways may want one.
         *
         * @param name its name
         * @param value its value; not logged
         * @return this
         */
        public Builder header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        /**
         * How long {@link #find} may take, waits asked for by a service included. Default: 20 seconds.
         *
         * @param timeout more than zero
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder timeout(Duration timeout) {
            this.timeout = positive(timeout);
            return this;
        }

        /**
         * How long one attempt at one document may take. Default: 10 seconds.
         *
         * @param timeout more than zero
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder requestTimeout(Duration timeout) {
            this.requestTimeout = positive(timeout);
            return this;
        }

        /**
         * The age at which a document is renewed. Default: one hour.
         *
         * @param age more than zero
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder refreshAfter(Duration age) {
            this.refreshAfter = positive(age);
            return this;
        }

        /**
         * How long a failure is remembered before the service is asked again. Default: 10 seconds.
         *
         * @param time more than zero
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder failureMemory(Duration time) {
            this.failureMemory = positive(time);
            return this;
        }

        /**
         * How many documents are kept; beyond that the least recently used one goes. Default: 1024.
         *
         * @param count above zero
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder maxDocuments(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("documents " + count);
            }
            this.maxDocuments = count;
            return this;
        }

        /**
         * The longest answer in bytes. Default: {@link Collateral#MAX_PIECE_BYTES}, which is also the most.
         *
         * @param bytes above zero
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder maxDocumentBytes(int bytes) {
            if (bytes < 1 || bytes > Collateral.MAX_PIECE_BYTES) {
                throw new IllegalArgumentException("document bytes " + bytes);
            }
            this.maxDocumentBytes = bytes;
            return this;
        }

        /**
         * The clock by which documents grow old. Default: the system's.
         *
         * @param clock the clock
         * @return this
         */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /**
         * The proxy to use. Default: the Java runtime's.
         *
         * @param selector the proxy
         * @return this
         */
        public Builder proxy(ProxySelector selector) {
            this.proxy = Objects.requireNonNull(selector, "selector");
            return this;
        }

        /**
         * Whom to trust as a server: for a PCCS of one's own. Default: the Java runtime's.
         *
         * @param context a TLS context
         * @return this
         */
        public Builder sslContext(SSLContext context) {
            this.tls = Objects.requireNonNull(context, "context");
            return this;
        }

        /**
         * Where answers are received. Default: threads of the HTTP client's own.
         *
         * @param executor an executor
         * @return this
         */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Makes the source. Nothing is fetched yet.
         *
         * @return the source
         */
        public HttpCollateralSource build() {
            HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(requestTimeout);
            if (proxy != null) {
                client.proxy(proxy);
            }
            if (tls != null) {
                client.sslContext(tls);
            }
            if (executor != null) {
                client.executor(executor);
            }
            return new HttpCollateralSource(this, client.build());
        }

        private static String base(URI uri) {
            String text = address(uri).toString();
            return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        }

        private static URI address(URI uri) {
            boolean web = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
            if (!web || uri.getHost() == null) {
                throw new IllegalArgumentException("an address begins with http or https and names a host: " + uri);
            }
            return uri;
        }

        private static Duration positive(Duration duration) {
            if (duration.isNegative() || duration.isZero()) {
                throw new IllegalArgumentException("a duration above zero, not " + duration);
            }
            return duration;
        }
    }
}
