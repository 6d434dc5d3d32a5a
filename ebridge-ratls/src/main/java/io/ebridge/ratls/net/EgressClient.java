package io.ebridge.ratls.net;

import io.ebridge.ratls.AttestedPeer;
import io.ebridge.ratls.tls.Names;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * HTTPS out of the enclave: HTTP/1.1 over TLS that ends inside, through any sockets, trusting the bundle and nothing else.
 *
 * <p>Guarantees: host names are checked; hosts named to {@link Builder#attested} must attest STRICT besides and need no CA; the host that carries the
 * bytes sees names, sizes and times only. Each request has a connection of its own. No redirects, no proxies, no cookies. Limits: 64 KiB of header, the
 * body as configured, a time for the whole exchange.
 *
 * <p>Thread-safe; calls block.
 */
public final class EgressClient {

    private final SSLContext context;
    private final Map<String, SSLContext> attested;
    private final @Nullable SocketFactory factory;
    private final Duration timeout;
    private final int maxBody;

    private EgressClient(Builder builder) throws GeneralSecurityException, IOException {
        context = SSLContext.getInstance("TLS");
        context.init(null, builder.bundle.trustManagers(), null);
        attested = Map.copyOf(builder.attested);
        factory = builder.factory;
        timeout = builder.timeout;
        maxBody = builder.maxBody;
    }

    /**
     * Starts a client's settings.
     *
     * @param bundle the CAs to trust
     * @return a builder
     */
    public static Builder builder(EgressCaBundle bundle) {
        return new Builder(bundle);
    }

    /**
     * What came back.
     *
     * @param status the status code
     * @param headers by lower-case name
     * @param body the body
     * @param peer what was verified, if the host had to attest
     */
    public record Response(int status, Map<String, List<String>> headers, byte[] body, Optional<AttestedPeer> peer) {

        @Override
        public String toString() {
            return "Response[" + status + ", " + body.length + " bytes]";
        }
    }

    /**
     * Sends a request and waits for the answer.
     *
     * @param method GET, say
     * @param uri https
     * @param headers beside Host, Content-Length and Connection, which are set here
     * @param body empty for none
     * @return the answer
     * @throws IOException if the host is not trusted, does not attest as it should, is slow, or answers beyond the limits
     */
    public Response send(String method, URI uri, Map<String, String> headers, byte[] body) throws IOException {
        if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null || uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("only https://host[:port]/… can be called");
        }
        String host = uri.getHost();
        int port = uri.getPort() < 0 ? 443 : uri.getPort();
        byte[] request = HttpExchangeCodec.request(method, uri, headers, body);
        long began = System.nanoTime();
        try (Socket raw = connect(host, port)) {
            AtomicBoolean late = new AtomicBoolean();
            long left = Math.max(1, timeout.toNanos() - (System.nanoTime() - began));
            CompletableFuture<Void> deadline = new CompletableFuture<Void>().orTimeout(left, TimeUnit.NANOSECONDS);
            deadline.whenComplete((v, t) -> {
                if (t instanceof TimeoutException) {
                    late.set(true);
                    cut(raw);
                }
            });
            try {
                return exchange(raw, host, port, method, request);
            } catch (IOException e) {
                if (late.get()) {
                    throw new java.net.SocketTimeoutException("no answer of " + host + " within " + timeout);
                }
                throw e;
            } finally {
                deadline.complete(null);
            }
        }
    }

    private Socket connect(String host, int port) throws IOException {
        SocketFactory by = factory;
        if (by != null) {
            return by.createSocket(host, port);
        }
        Socket raw = new Socket();
        boolean done = false;
        try {
            raw.connect(new InetSocketAddress(host, port), (int)
                    Math.min(Integer.MAX_VALUE, Math.max(1, timeout.toMillis())));
            done = true;
            return raw;
        } finally {
            if (!done) {
                cut(raw);
            }
        }
    }

    /** Under whatever spelling a host is called, it is that host. */
    private static String key(String host) {
        String name = Names.normal(host);
        return name == null ? "" : name.toLowerCase(Locale.ROOT);
    }

    private static void cut(Socket raw) {
        try {
            raw.close();
        } catch (IOException e) {
            System.getLogger(EgressClient.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing a late connection failed", e);
        }
    }

    private Response exchange(Socket raw, String host, int port, String method, byte[] request) throws IOException {
        SSLContext strict = attested.get(key(host));
        SSLContext by = strict == null ? context : strict;
        try (SSLSocket tls = (SSLSocket) by.getSocketFactory().createSocket(raw, host, port, true)) {
            if (strict == null) {
                SSLParameters parameters = tls.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
                tls.setSSLParameters(parameters);
            }
            tls.startHandshake();
            tls.getOutputStream().write(request);
            tls.getOutputStream().flush();
            Optional<AttestedPeer> peer = AttestedPeer.of(tls.getSession());
            return HttpExchangeCodec.response(tls.getInputStream(), method, maxBody, peer);
        }
    }

    /** Settings. */
    public static final class Builder {

        private final EgressCaBundle bundle;
        private final Map<String, SSLContext> attested = new HashMap<>();
        private @Nullable SocketFactory factory;
        private Duration timeout = Duration.ofSeconds(30);
        private int maxBody = 16 << 20;

        private Builder(EgressCaBundle bundle) {
            this.bundle = Objects.requireNonNull(bundle, "bundle");
        }

        /**
         * Reaches hosts through these sockets: the bridge's, in an enclave. How long connecting may take is then the factory's to limit.
         *
         * @param value makes connected sockets from host names
         * @return this builder
         */
        public Builder socketFactory(SocketFactory value) {
            factory = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Demands that a host attests.
         *
         * @param host its name
         * @param value a client's context of {@link io.ebridge.ratls.AttestedTls}
         * @return this builder
         */
        public Builder attested(String host, SSLContext value) {
            attested.put(key(host), Objects.requireNonNull(value, "value"));
            return this;
        }

        /**
         * How long a whole exchange may take.
         *
         * @param value more than zero; by default 30 s
         * @return this builder
         */
        public Builder timeout(Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException("time-out " + value);
            }
            timeout = value;
            return this;
        }

        /**
         * How long an answer's body may be.
         *
         * @param bytes at least 0; by default 16 MiB
         * @return this builder
         */
        public Builder maxBody(int bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException(bytes + " bytes");
            }
            maxBody = bytes;
            return this;
        }

        /**
         * Builds the client.
         *
         * @return the client
         * @throws IOException if the JDK's TLS does not take the bundle
         */
        public EgressClient build() throws IOException {
            try {
                return new EgressClient(this);
            } catch (GeneralSecurityException e) {
                throw new IOException("the CA bundle was not taken", e);
            }
        }
    }
}
