package io.ebridge.attest.http;

import io.ebridge.attest.http.FetchException.Kind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * GET with retries inside one deadline. A 429 or 503 holds back every request to that host until the moment it names,
 * since the limits of these services are per caller and not per document.
 */
final class HttpFetcher {

    private static final long FIRST_BACKOFF_MILLIS = 250;
    private static final long LAST_BACKOFF_MILLIS = 10_000;
    /** A service that asks for days is believed for this long, then asked again. */
    private static final long LONGEST_HOLD_NANOS = TimeUnit.MINUTES.toNanos(15);

    private final HttpClient client;
    private final InstantSource wallClock;
    private final Duration attemptTimeout;
    private final Map<String, Long> heldUntil = new ConcurrentHashMap<>();

    HttpFetcher(HttpClient client, InstantSource wallClock, Duration attemptTimeout) {
        this.client = client;
        this.wallClock = wallClock;
        this.attemptTimeout = attemptTimeout;
    }

    record Reply(byte[] body, HttpHeaders headers) {}

    /** Starts a request that ends, one way or the other, by the deadline, a value of {@link System#nanoTime}. */
    CompletableFuture<Reply> get(URI uri, Map<String, String> headers, int limit, long deadline) {
        CompletableFuture<Reply> result = new CompletableFuture<>();
        attempt(new Job(uri, headers, limit, deadline, result), 0);
        return result;
    }

    private record Job(
            URI uri, Map<String, String> headers, int limit, long deadline, CompletableFuture<Reply> result) {}

    private void attempt(Job job, int number) {
        if (job.result.isDone()) {
            return;
        }
        long now = System.nanoTime();
        long hold = heldUntil.getOrDefault(job.uri.getAuthority(), now) - now;
        if (hold > 0) {
            waitThen(job, number, hold, Kind.RATE_LIMITED, "asks to be left alone for a while");
            return;
        }
        long left = Math.min(job.deadline - now, attemptTimeout.toNanos());
        if (left <= 0) {
            fail(job, Kind.UNREACHABLE, "did not answer in time", null);
            return;
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(job.uri).timeout(Duration.ofNanos(left)).GET();
        job.headers.forEach(request::setHeader);
        CompletableFuture<HttpResponse<byte[]>> sent =
                client.sendAsync(request.build(), info -> new CappedBody(job.limit));
        // The request's own timeout ends with the headers; a body that trickles in needs this one.
        sent.copy().orTimeout(left, TimeUnit.NANOSECONDS).whenComplete((response, failure) -> {
            if (failure == null) {
                answered(job, number, response);
            } else {
                sent.cancel(true);
                failed(
                        job,
                        number,
                        failure instanceof CompletionException ? Objects.requireNonNull(failure.getCause()) : failure);
            }
        });
    }

    private void answered(Job job, int number, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        switch (status) {
            case 200 -> job.result.complete(new Reply(response.body(), response.headers()));
            case 404, 410 -> fail(job, Kind.NOT_FOUND, "has no such document (status " + status + ")", null);
            case 429, 503 -> {
                long wait = retryAfter(response.headers(), number);
                heldUntil.merge(
                        job.uri.getAuthority(),
                        System.nanoTime() + Math.min(wait, LONGEST_HOLD_NANOS),
                        (a, b) -> a - b > 0 ? a : b);
                waitThen(job, number + 1, wait, Kind.RATE_LIMITED, "asks to be left alone (status " + status + ")");
            }
            case 500, 502, 504 ->
                waitThen(job, number + 1, backoff(number), Kind.UNREACHABLE, "fails (status " + status + ")");
            default -> fail(job, Kind.REFUSED, "refuses (status " + status + ")", null);
        }
    }

    private void failed(Job job, int number, Throwable failure) {
        Throwable cause = failure;
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof FetchException unusable) {
                job.result.completeExceptionally(new FetchException(
                        unusable.kind(), job.uri.getHost() + ": " + unusable.getMessage(), unusable));
                return;
            }
            cause = t;
        }
        String what = failure instanceof TimeoutException || failure instanceof java.net.http.HttpTimeoutException
                ? "did not answer in time"
                : "cannot be reached (" + cause.getClass().getSimpleName() + ")";
        waitThen(job, number + 1, backoff(number), Kind.UNREACHABLE, what);
    }

    private void waitThen(Job job, int next, long nanos, Kind kind, String what) {
        if (nanos >= job.deadline - System.nanoTime()) {
            fail(
                    job,
                    kind,
                    what + "; a wait of " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms is past the deadline",
                    null);
            return;
        }
        CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS).execute(() -> attempt(job, next));
    }

    private static void fail(Job job, Kind kind, String what, @Nullable Throwable cause) {
        job.result.completeExceptionally(new FetchException(kind, job.uri.getHost() + " " + what, cause));
    }

    private static long backoff(int number) {
        long ceiling = Math.min(LAST_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << Math.min(number, 10));
        long millis = ceiling / 2 + ThreadLocalRandom.current().nextLong(ceiling / 2 + 1);
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** RFC 9110 section 10.2.3: seconds, or a date. */
    private long retryAfter(HttpHeaders headers, int number) {
        String value = headers.firstValue("Retry-After").orElse("").trim();
        if (value.matches("[0-9]{1,7}")) {
            return Math.max(TimeUnit.SECONDS.toNanos(Long.parseLong(value)), 1);
        }
        if (!value.isEmpty()) {
            try {
                Instant at = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value));
                long seconds = Duration.between(wallClock.instant(), at).toSeconds() + 1;
                return TimeUnit.SECONDS.toNanos(Math.max(0, Math.min(seconds, 9_999_999)));
            } catch (DateTimeParseException e) {
                return backoff(number);
            }
        }
        return backoff(number);
    }
}
