package io.ebridge.kv.etcd;

import io.ebridge.kv.spi.CounterException;
import io.ebridge.kv.spi.CounterException.Kind;
import io.ebridge.kv.spi.MonotonicCounter;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A {@link MonotonicCounter} in etcd (3.4 or later; API {@code v3} of its JSON gateway).
 *
 * <p><strong>Guaranteed</strong>, as far as etcd's operators are honest: reads are linearizable; the counter moves by
 * compare-and-swap in a transaction that also checks the lease's holder, so that of two instances only one ever moves it. TLS 1.3 or
 * 1.2 with client certificates ends here: a host that carries the connection can cut it, and can neither answer in etcd's place nor
 * replay an answer. <strong>Not guaranteed:</strong> anything, if whoever administers etcd restores it from a backup or writes the
 * key by hand; {@link #trust()} says so.
 *
 * <p>The lease is an etcd lease of {@link Builder#leaseTime}; a background thread keeps it alive. It counts as lost when it could not
 * be renewed in that time by the JVM's monotonic clock. Every request ends after {@link Builder#requestTimeout}.
 */
public final class EtcdCounter implements MonotonicCounter {

    private static final long POLL_MILLIS = 100;

    private final Gateway gateway;
    private final String counterKey;
    private final String holderKey;
    private final Duration leaseTime;

    private EtcdCounter(Builder b, SSLContext tls) {
        gateway = new Gateway(List.copyOf(b.endpoints), tls, b.proxy, b.requestTimeout);
        counterKey = Json.base64((b.prefix + b.name + "/counter").getBytes(StandardCharsets.UTF_8));
        holderKey = Json.base64((b.prefix + b.name + "/holder").getBytes(StandardCharsets.UTF_8));
        leaseTime = b.leaseTime;
    }

    /**
     * Starts a counter.
     *
     * @param name the store's name in etcd; one store, one counter
     * @return the builder
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /** Builds an {@link EtcdCounter}. */
    public static final class Builder {
        private final String name;
        private final List<URI> endpoints = new ArrayList<>();
        private String prefix = "/ebridge/kv/";
        private @Nullable SSLContext tls;
        private @Nullable ProxySelector proxy;
        private Duration leaseTime = Duration.ofSeconds(10);
        private Duration requestTimeout = Duration.ofSeconds(5);

        private Builder(String name) {
            if (name.isEmpty() || name.length() > 200) {
                throw new IllegalArgumentException("a counter's name has 1 to 200 characters");
            }
            this.name = name;
        }

        /**
         * Adds an endpoint. With several, the next is tried when one does not answer.
         *
         * @param uri {@code https://host:port}
         * @return this
         * @throws IllegalArgumentException if it is not https
         */
        public Builder endpoint(URI uri) {
            if (!"https".equals(uri.getScheme())) {
                throw new IllegalArgumentException("an endpoint is reached by https, not " + uri.getScheme());
            }
            endpoints.add(uri);
            return this;
        }

        /**
         * Sets how TLS is done. Must trust etcd's CA and nothing else, and hold a client certificate that etcd demands; the host
         * carries the bytes only.
         *
         * @param context the context
         * @return this
         */
        public Builder tls(SSLContext context) {
            tls = Objects.requireNonNull(context);
            return this;
        }

        /**
         * Sets a proxy that carries the connections ({@code CONNECT}); TLS still ends here.
         *
         * @param selector the proxy
         * @return this
         */
        public Builder proxy(ProxySelector selector) {
            proxy = Objects.requireNonNull(selector);
            return this;
        }

        /**
         * Sets the prefix of the keys; {@code /ebridge/kv/} by default.
         *
         * @param value the prefix
         * @return this
         */
        public Builder prefix(String value) {
            prefix = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets how long a lease outlives its holder; 10 s by default. A restart after a kill waits as long.
         *
         * @param value 2 s to 1 h
         * @return this
         */
        public Builder leaseTime(Duration value) {
            if (value.toSeconds() < 2 || value.toSeconds() > 3600) {
                throw new IllegalArgumentException("a lease lasts 2 s to 1 h");
            }
            leaseTime = value;
            return this;
        }

        /**
         * Sets how long one request may take; 5 s by default.
         *
         * @param value more than zero
         * @return this
         */
        public Builder requestTimeout(Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException("a timeout is longer than zero");
            }
            requestTimeout = value;
            return this;
        }

        /**
         * Finishes the counter; nothing is sent yet.
         *
         * @return the counter
         * @throws IllegalStateException if there is no endpoint or no TLS context
         */
        public EtcdCounter build() {
            SSLContext context = tls;
            if (endpoints.isEmpty() || context == null) {
                throw new IllegalStateException("a counter in etcd needs an endpoint and a TLS context");
            }
            return new EtcdCounter(this, context);
        }
    }

    @Override
    public Lease acquire(Duration wait) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + wait.toNanos();
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String holder = HexFormat.of().formatHex(random);
        // Etcd counts from some moment after this.
        long asked = System.nanoTime();
        Held held = new Held(grant(), holder, asked);
        boolean ok = false;
        try {
            while (!held.take()) {
                if (System.nanoTime() - deadline >= 0) {
                    throw new CounterException(Kind.HELD, "another instance holds the lease");
                }
                if (held.stopped.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw new CounterException(Kind.LOST, "the counter was closed");
                }
                if (System.nanoTime() - held.renewedNanos > leaseTime.toNanos() / 4) {
                    held.renew();
                }
            }
            held.keepAlive();
            ok = true;
            return held;
        } finally {
            if (!ok) {
                held.close();
            }
        }
    }

    private String grant() throws IOException {
        Json answer = gateway.call("/v3/lease/grant", "{\"TTL\":\"" + leaseTime.toSeconds() + "\"}");
        String id = answer.text("ID");
        if (id == null || !id.matches("-?[0-9]{1,19}")) {
            throw new IOException("etcd granted no lease");
        }
        return id;
    }

    @Override
    public Trust trust() {
        return new Trust(
                "etcd",
                true,
                false,
                "whoever administers the etcd cluster, holds its CA or a client certificate that may write there: they can"
                        + " restore an old state; the host that carries the connection cannot");
    }

    /** Nothing is held; leases are given back by themselves. */
    @Override
    public void close() {}

    private static String encode(State state) {
        byte[] bytes = new byte[40];
        java.nio.ByteBuffer.wrap(bytes).putLong(state.value()).put(state.digest());
        return Json.base64(bytes);
    }

    private static State decode(@Nullable String base64) throws IOException {
        if (base64 == null) {
            return State.ZERO;
        }
        byte[] bytes = Json.fromBase64(base64);
        if (bytes.length != 40) {
            throw new CounterException(Kind.INVALID, "etcd holds something else under the counter's key");
        }
        java.nio.ByteBuffer b = java.nio.ByteBuffer.wrap(bytes);
        long value = b.getLong();
        byte[] digest = new byte[32];
        b.get(digest);
        if (value < 0) {
            throw new CounterException(Kind.INVALID, "etcd holds something else under the counter's key");
        }
        return new State(value, digest);
    }

    private final class Held implements Lease {
        private final String leaseId;
        private final String holder;
        private final CountDownLatch stopped = new CountDownLatch(1);
        private volatile long renewedNanos;
        private volatile boolean lost;
        private volatile boolean taken;

        Held(String leaseId, String holder, long grantedNanos) {
            this.leaseId = leaseId;
            this.renewedNanos = grantedNanos;
            this.holder = Json.base64(holder.getBytes(StandardCharsets.US_ASCII));
        }

        /** Writes our name under the holder's key if nobody's is there. */
        boolean take() throws IOException {
            Json answer = gateway.call(
                    "/v3/kv/txn",
                    "{\"compare\":[{\"key\":\"" + holderKey
                            + "\",\"target\":\"CREATE\",\"result\":\"EQUAL\",\"create_revision\":\"0\"}],"
                            + "\"success\":[{\"request_put\":{\"key\":\"" + holderKey + "\",\"value\":\"" + holder
                            + "\",\"lease\":\"" + leaseId + "\"}}],"
                            + "\"failure\":[{\"request_range\":{\"key\":\"" + holderKey + "\"}}]}");
            // Ours as well if an earlier answer was lost on the way.
            taken = answer.succeeded() || holder.equals(answer.rangeValue(0));
            return taken;
        }

        void renew() throws IOException {
            long asked = System.nanoTime();
            Json answer = gateway.call("/v3/lease/keepalive", "{\"ID\":\"" + leaseId + "\"}");
            Json result = answer.object("result");
            String ttl = result == null ? null : result.text("TTL");
            if (ttl == null || ttl.equals("0") || ttl.startsWith("-")) {
                lost = true;
                throw new CounterException(Kind.LOST, "the lease has run out");
            }
            renewedNanos = asked;
        }

        void keepAlive() {
            Thread thread = new Thread(this::renewing, "ebridge-kv-etcd-lease");
            thread.setDaemon(true);
            thread.start();
        }

        private void renewing() {
            long pause = leaseTime.toMillis() / 4;
            try {
                while (!stopped.await(pause, TimeUnit.MILLISECONDS) && held()) {
                    try {
                        renew();
                    } catch (IOException e) {
                        System.getLogger("io.ebridge.kv")
                                .log(System.Logger.Level.WARNING, "the counter's lease was not renewed", e);
                    }
                }
            } catch (InterruptedException e) {
                lost = true;
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public boolean held() {
            return !lost && stopped.getCount() > 0 && System.nanoTime() - renewedNanos < leaseTime.toNanos();
        }

        @Override
        public State read() throws IOException {
            Json answer = gateway.call(
                    "/v3/kv/txn",
                    "{\"compare\":[" + isHolder() + "],\"success\":[{\"request_range\":{\"key\":\"" + counterKey
                            + "\"}}],\"failure\":[]}");
            if (!answer.succeeded()) {
                lost = true;
                throw new CounterException(Kind.LOST, "another instance holds the lease");
            }
            return decode(answer.rangeValue(0));
        }

        @Override
        public void advance(State expected, State next) throws IOException {
            if (next.value() != expected.value() + 1) {
                throw new IllegalArgumentException("the counter moves by one");
            }
            String compare = expected.value() == 0
                    ? "{\"key\":\"" + counterKey
                            + "\",\"target\":\"CREATE\",\"result\":\"EQUAL\",\"create_revision\":\"0\"}"
                    : "{\"key\":\"" + counterKey + "\",\"target\":\"VALUE\",\"result\":\"EQUAL\",\"value\":\""
                            + encode(expected) + "\"}";
            Json answer = gateway.call(
                    "/v3/kv/txn",
                    "{\"compare\":[" + isHolder() + "," + compare + "],\"success\":[{\"request_put\":{\"key\":\""
                            + counterKey + "\",\"value\":\"" + encode(next) + "\"}}],"
                            + "\"failure\":[{\"request_range\":{\"key\":\"" + counterKey
                            + "\"}},{\"request_range\":{\"key\":\"" + holderKey + "\"}}]}");
            if (answer.succeeded()) {
                return;
            }
            if (!holder.equals(answer.rangeValue(1))) {
                lost = true;
                throw new CounterException(Kind.LOST, "another instance holds the lease");
            }
            State found = decode(answer.rangeValue(0));
            if (!found.equals(next)) {
                throw new CounterException(Kind.CONFLICT, "the counter stands at " + found.value());
            }
        }

        private String isHolder() {
            return "{\"key\":\"" + holderKey + "\",\"target\":\"VALUE\",\"result\":\"EQUAL\",\"value\":\"" + holder
                    + "\"}";
        }

        @Override
        public void close() {
            if (stopped.getCount() == 0) {
                return;
            }
            stopped.countDown();
            try {
                gateway.call("/v3/lease/revoke", "{\"ID\":\"" + leaseId + "\"}");
            } catch (IOException e) {
                System.getLogger("io.ebridge.kv")
                        .log(System.Logger.Level.DEBUG, "the lease was not given back and will run out", e);
            }
        }
    }
}
