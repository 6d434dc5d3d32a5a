package io.ebridge.attest.http;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Collects a body up to a limit; one byte more cancels the exchange, whatever length was announced. */
final class CappedBody implements HttpResponse.BodySubscriber<byte[]> {

    private final int limit;
    private final CompletableFuture<byte[]> done = new CompletableFuture<>();
    private byte[] collected = new byte[0];
    private int length;
    private Flow.@Nullable Subscription subscription;

    CappedBody(int limit) {
        this.limit = limit;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return done;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        this.subscription = subscription;
        subscription.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        Flow.Subscription source = Objects.requireNonNull(subscription);
        for (ByteBuffer buffer : buffers) {
            int n = buffer.remaining();
            if (n > limit - length) {
                source.cancel();
                collected = new byte[0];
                done.completeExceptionally(new FetchException(
                        FetchException.Kind.UNUSABLE, "the answer is longer than " + limit + " bytes"));
                return;
            }
            if (n > collected.length - length) {
                int size = (int) Math.min(limit, Math.max(length + (long) n, 2L * collected.length));
                collected = java.util.Arrays.copyOf(collected, size);
            }
            buffer.get(collected, length, n);
            length += n;
        }
        source.request(1);
    }

    @Override
    public void onError(Throwable failure) {
        done.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        done.complete(java.util.Arrays.copyOf(collected, length));
    }
}
