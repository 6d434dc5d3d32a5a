package io.ebridge.kv.remote;

import io.ebridge.kv.internal.Frame;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/** One connection of a {@link RemoteHostStore}: requests out, answers matched by their number. Ends at the first fault. */
final class Connection {

    private final HostStream stream;
    private final InputStream in;
    private final OutputStream out;
    private final Map<Long, CompletableFuture<Frame>> waiting = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicInteger senders = new AtomicInteger();
    private final ReentrantLock sending = new ReentrantLock();
    private volatile boolean closed;

    private Connection(HostStream stream) throws IOException {
        this.stream = stream;
        this.in = new BufferedInputStream(stream.input(), 1 << 16);
        this.out = new BufferedOutputStream(stream.output(), 1 << 16);
    }

    static Connection start(HostStream stream) throws IOException {
        Connection connection = new Connection(stream);
        Thread reader = new Thread(connection::receive, "ebridge-kv-remote");
        reader.setDaemon(true);
        reader.start();
        return connection;
    }

    boolean open() {
        return !closed;
    }

    /** Greets; says whether the store is durable. */
    boolean hello(byte[] clientId, String store, Duration timeout) throws IOException, InterruptedException {
        Frame answer = call(Frame.HELLO, new Frame.Hello(clientId, store).encode(), timeout);
        if (answer.type() == Frame.ERROR) {
            throw new IOException("the host refused: " + text(answer));
        }
        if (answer.type() != Frame.WELCOME) {
            throw new IOException("the host did not welcome");
        }
        return Frame.decodeWelcome(answer.body());
    }

    static String text(Frame error) {
        String text = new String(error.body(), StandardCharsets.UTF_8);
        return text.substring(0, Math.min(256, text.length())).replaceAll("\\p{Cntrl}", " ");
    }

    /** Sends a request and waits for its answer. Fails if the connection does; the request may then have been done. */
    Frame call(byte type, byte[] body, Duration timeout) throws IOException, InterruptedException {
        long id = ids.incrementAndGet();
        CompletableFuture<Frame> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        // Also unblocks a sender whose peer does not read.
        answer.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS).whenComplete((frame, failure) -> {
            if (failure instanceof TimeoutException) {
                close("an answer took longer than " + timeout);
            }
        });
        try {
            if (closed) {
                throw new IOException("the connection is closed");
            }
            send(new Frame(type, id, body));
            return answer.get();
        } catch (ExecutionException e) {
            Throwable why = Objects.requireNonNull(e.getCause());
            throw new IOException(
                    why instanceof TimeoutException
                            ? "the host did not answer within " + timeout
                            : String.valueOf(why.getMessage()),
                    e);
        } finally {
            waiting.remove(id);
        }
    }

    private void send(Frame frame) throws IOException {
        senders.incrementAndGet();
        sending.lock();
        try {
            frame.write(out);
            // The last of several senders flushes for all.
            if (senders.decrementAndGet() == 0) {
                out.flush();
            }
        } catch (IOException e) {
            close("sending failed: " + e.getMessage());
            throw e;
        } finally {
            sending.unlock();
        }
    }

    private void receive() {
        String why = "the host ended the connection";
        try {
            for (Frame f = Frame.read(in); f != null; f = Frame.read(in)) {
                CompletableFuture<Frame> answer = waiting.remove(f.id());
                if (answer == null) {
                    why = "the host answered what nobody asked";
                    break;
                }
                answer.complete(f);
            }
        } catch (IOException e) {
            why = "receiving failed: " + e.getMessage();
        } finally {
            close(why);
        }
    }

    void close(String why) {
        closed = true;
        try {
            stream.close();
        } catch (IOException e) {
            System.getLogger("io.ebridge.kv").log(System.Logger.Level.DEBUG, "closing a stream failed", e);
        }
        for (CompletableFuture<Frame> answer : waiting.values()) {
            answer.completeExceptionally(new IOException(why));
        }
    }
}
