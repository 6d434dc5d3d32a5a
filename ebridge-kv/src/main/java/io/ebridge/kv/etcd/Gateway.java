package io.ebridge.kv.etcd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Calls of etcd's JSON gateway: one request, one bounded answer, one endpoint after the other. */
final class Gateway {

    private static final int MAX_ANSWER = 64 << 10;

    private final List<URI> endpoints;
    private final HttpClient client;
    private final Duration timeout;
    private volatile int first;

    Gateway(List<URI> endpoints, SSLContext tls, @Nullable ProxySelector proxy, Duration timeout) {
        this.endpoints = endpoints;
        this.timeout = timeout;
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(tls)
                .sslParameters(parameters)
                .connectTimeout(timeout)
                .followRedirects(HttpClient.Redirect.NEVER);
        // Never the JVM's default proxy: that would be configuration from outside.
        builder.proxy(proxy == null ? HttpClient.Builder.NO_PROXY : proxy);
        client = builder.build();
    }

    Json call(String path, String body) throws IOException {
        IOException failure = new IOException("no endpoint");
        int start = first;
        for (int i = 0; i < endpoints.size(); i++) {
            int index = (start + i) % endpoints.size();
            try {
                Json answer = one(endpoints.get(index), path, body);
                first = index;
                return answer;
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                e.addSuppressed(failure);
                failure = e;
            }
        }
        throw failure;
    }

    private Json one(URI endpoint, String path, String body) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(endpoint.resolve(path))
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        // The request's timeout ends with the head of the answer; the whole is bounded here. Cancelling ends the
        // connection.
        CompletableFuture<HttpResponse<byte[]>> call = client.sendAsync(request, head -> new Body());
        try {
            HttpResponse<byte[]> answer = call.get(timeout.toNanos() * 2, TimeUnit.NANOSECONDS);
            if (answer.statusCode() != 200) {
                throw new IOException("etcd: status " + answer.statusCode());
            }
            return Json.parse(answer.body());
        } catch (InterruptedException e) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (TimeoutException e) {
            call.cancel(true);
            throw new IOException("etcd did not answer in time", e);
        } catch (ExecutionException e) {
            throw new IOException("etcd: " + e.getCause(), e.getCause());
        }
    }

    /** Collects an answer up to its limit. Holds no thread while it waits. */
    private static final class Body implements HttpResponse.BodySubscriber<byte[]> {
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
        private Flow.@Nullable Subscription subscription;

        @Override
        public CompletionStage<byte[]> getBody() {
            return whole;
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            subscription = s;
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                if (buffer.remaining() > MAX_ANSWER - collected.size()) {
                    Flow.Subscription s = subscription;
                    if (s != null) {
                        s.cancel();
                    }
                    whole.completeExceptionally(new IOException("an answer of more than " + MAX_ANSWER + " bytes"));
                    return;
                }
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                collected.write(bytes, 0, bytes.length);
            }
        }

        @Override
        public void onError(Throwable failure) {
            whole.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            whole.complete(collected.toByteArray());
        }
    }
}
