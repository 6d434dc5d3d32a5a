package io.ebridge.tunnel;

import io.ebridge.protocol.BridgeConfig;
import io.ebridge.protocol.EnclaveHandshake;
import io.ebridge.protocol.Environment;
import io.ebridge.protocol.Heartbeat;
import io.ebridge.protocol.ProtocolException;
import io.ebridge.protocol.StateMachine;
import io.ebridge.protocol.Watchdog;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The enclave's talk with its host, on one thread: handshake with back-off, then heartbeats, then, if the host is lost, the
 * handshake again.
 */
final class EnclaveControl {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration FIRST_REDIAL = Duration.ofMillis(100);
    /** So many heartbeat connections in a row that a host ends without a word mean that it does not know this enclave. */
    private static final int UNKNOWN_AFTER = 3;

    /** What the host and this enclave agreed on. */
    record Agreed(Environment environment, BridgeConfig config) {}

    private final EnclaveSettings settings;
    private final Events events;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;
    private @Nullable Agreed agreed;
    private @Nullable Agreed latest;
    private @Nullable BridgeException ended;
    private @Nullable VsockStream current;
    private boolean closed;

    EnclaveControl(EnclaveSettings settings, Events events) {
        this.settings = settings;
        this.events = events;
        this.thread = Threads.daemon("ebridge-enclave").newThread(this::run);
    }

    void start() {
        thread.start();
    }

    /** Waits until the bridge stands. */
    Agreed await(Duration timeout) throws BridgeException, InterruptedException {
        long left = timeout.toNanos();
        lock.lockInterruptibly();
        try {
            while (true) {
                if (agreed != null) {
                    return agreed;
                }
                if (ended != null) {
                    throw new BridgeException(ended.reason(), String.valueOf(ended.getMessage()), ended);
                }
                if (closed) {
                    throw new BridgeException(BridgeReason.CLOSING, "The bridge is closed");
                }
                if (left <= 0) {
                    throw new BridgeException(BridgeReason.TIMEOUT, "The host did not answer within " + timeout);
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isBridged() {
        lock.lock();
        try {
            return agreed != null;
        } finally {
            lock.unlock();
        }
    }

    /** What was agreed last, whether or not the bridge stands. */
    Agreed latest() {
        lock.lock();
        try {
            if (latest == null) {
                throw new IllegalStateException("Not connected yet");
            }
            return latest;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            Duration pause = FIRST_PAUSE;
            while (!isClosed()) {
                Agreed reached = handshake();
                if (reached == null) {
                    pause(jittered(pause));
                    pause = longer(pause, LONGEST_PAUSE);
                    continue;
                }
                pause = FIRST_PAUSE;
                enter(reached);
                BridgeReason why = heartbeats(reached);
                leave(reached, why);
                if (!settings.reconnect()) {
                    throw new BridgeException(why, "The host is lost");
                }
            }
        } catch (BridgeException e) {
            end(e);
        } catch (InterruptedException e) {
            end(new BridgeException(BridgeReason.CLOSING, "The bridge is closed", e));
        } catch (RuntimeException | Error e) {
            end(new BridgeException(BridgeReason.APPLICATION_FAILED, "The bridge failed", e));
            throw e;
        }
    }

    /** One handshake; null if it came to nothing and may be tried again. */
    private @Nullable Agreed handshake() throws BridgeException {
        try (VsockStream stream = dial(settings.limits().connectTimeout())) {
            EnclaveHandshake machine = EnclaveHandshake.start(settings.protocolLimits(), System.nanoTime());
            Environment environment = null;
            BridgeConfig config = null;
            ByteBuffer in = ByteBuffer.allocate(8192).limit(0);
            while (true) {
                EnclaveHandshake.Event event = next(machine, stream, in);
                if (event instanceof EnclaveHandshake.EnvironmentReceived received) {
                    environment = received.environment();
                    config = configure(environment);
                    machine.settings(config, System.nanoTime());
                } else if (event instanceof EnclaveHandshake.Accepted && environment != null && config != null) {
                    return new Agreed(environment, config);
                }
            }
        } catch (ProtocolException | IOException e) {
            if (e instanceof BridgeException fatal) {
                throw fatal;
            }
            if (!isClosed()) {
                events.tell(new BridgeEvent.HandshakeFailed(settings.hostCid(), Reasons.of(e), Reasons.detail(e)));
                Events.log(System.Logger.Level.DEBUG, "Handshake with the host failed: " + Reasons.detail(e));
            }
            return null;
        } finally {
            forget();
        }
    }

    private BridgeConfig configure(Environment environment) throws BridgeException {
        try {
            BridgeConfig config = settings.configure().apply(environment);
            return config.withEnclaveCid(settings.ownCid().value());
        } catch (RuntimeException e) {
            throw new BridgeException(
                    BridgeReason.APPLICATION_FAILED, "The application has no settings for this environment", e);
        }
    }

    /** Drives a machine until it has an event or is done. */
    private static <E> @Nullable E next(StateMachine<E> machine, VsockStream stream, ByteBuffer in)
            throws IOException, ProtocolException {
        while (true) {
            write(machine, stream);
            while (in.hasRemaining()) {
                E event = machine.receive(in, System.nanoTime()).orElse(null);
                write(machine, stream);
                if (event != null) {
                    return event;
                }
            }
            Duration left = machine.timeLeft(System.nanoTime()).orElse(Duration.ofMinutes(1));
            stream.readTimeout(left.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : left);
            try {
                int n = stream.inputStream().read(in.array());
                if (n < 0) {
                    machine.endOfInput(System.nanoTime());
                    return null;
                }
                in.position(0).limit(n);
            } catch (SocketTimeoutException e) {
                machine.tick(System.nanoTime());
            }
        }
    }

    private static void write(StateMachine<?> machine, VsockStream stream) throws IOException {
        OutputStream out = stream.outputStream();
        for (ByteBuffer bytes = machine.pollOutput().orElse(null); bytes != null; ) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            out.write(copy);
            out.flush();
            bytes = machine.pollOutput().orElse(null);
        }
    }

    /** Keeps heartbeats until the host is lost, and says why it is. */
    private BridgeReason heartbeats(Agreed reached) throws InterruptedException {
        Watchdog watchdog = Watchdog.begin(reached.config().watchdog(), System.nanoTime());
        Duration interval = reached.config().watchdog().interval();
        Duration pause = FIRST_REDIAL;
        int unknown = 0;
        while (!isClosed()) {
            Beating outcome = beat(watchdog, interval);
            if (outcome.lost() != null) {
                return outcome.lost();
            }
            unknown = outcome.answered() ? unknown : 0;
            unknown = outcome.heard() ? 0 : outcome.answered() ? unknown + 1 : unknown;
            if (unknown >= UNKNOWN_AFTER) {
                return BridgeReason.NOT_BRIDGED;
            }
            try {
                watchdog.check(System.nanoTime());
            } catch (ProtocolException e) {
                return Reasons.of(e);
            }
            pause = outcome.heard() ? FIRST_REDIAL : pause;
            Duration left = watchdog.timeLeft(System.nanoTime()).orElse(Duration.ZERO);
            pause(jittered(pause.compareTo(left) < 0 ? pause : left));
            pause = longer(pause, interval);
        }
        return BridgeReason.CLOSING;
    }

    /** How one heartbeat connection ended: did the host accept it, was a heartbeat heard, and is the host lost for good. */
    private record Beating(boolean answered, boolean heard, @Nullable BridgeReason lost) {}

    private Beating beat(Watchdog watchdog, Duration interval) {
        boolean answered = false;
        boolean heard = false;
        Duration timeout = interval.compareTo(settings.limits().connectTimeout()) < 0
                ? interval
                : settings.limits().connectTimeout();
        try (VsockStream stream = dial(timeout)) {
            answered = true;
            stream.writeTimeout(interval);
            Heartbeat machine = watchdog.connect(System.nanoTime());
            byte[] frame = new byte[Heartbeat.FRAME_BYTES];
            write(machine, stream);
            while (true) {
                watchdog.check(System.nanoTime());
                Duration send = machine.timeLeft(System.nanoTime()).orElse(interval);
                Duration left = watchdog.timeLeft(System.nanoTime()).orElse(Duration.ZERO);
                Duration wait = send.compareTo(left) < 0 ? send : left;
                stream.readTimeout(wait.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : wait);
                try {
                    int n = stream.inputStream().read(frame);
                    if (n < 0) {
                        return new Beating(true, heard, null);
                    }
                    ByteBuffer in = ByteBuffer.wrap(frame, 0, n);
                    while (in.hasRemaining()) {
                        if (machine.receive(in, System.nanoTime()).isPresent()) {
                            heard = true;
                            events.tell(new BridgeEvent.Heartbeat(settings.hostCid()));
                        }
                    }
                } catch (SocketTimeoutException e) {
                    machine.tick(System.nanoTime());
                }
                machine.tick(System.nanoTime());
                write(machine, stream);
            }
        } catch (ProtocolException e) {
            BridgeReason reason = Reasons.of(e);
            boolean lost = reason == BridgeReason.HEARTBEAT_MISMATCH || reason == BridgeReason.HEARTBEAT_TIMEOUT;
            return new Beating(answered, heard, lost ? reason : null);
        } catch (IOException e) {
            return new Beating(answered, heard, null);
        } finally {
            forget();
        }
    }

    private VsockStream dial(Duration timeout) throws IOException {
        VsockStream stream = settings.transport().connect(settings.host(settings.initPort()), timeout);
        lock.lock();
        try {
            if (!closed) {
                current = stream;
                return stream;
            }
        } finally {
            lock.unlock();
        }
        stream.reset();
        throw new VsockException(VsockException.Reason.CLOSED, "the bridge is closed", null);
    }

    private void forget() {
        lock.lock();
        try {
            current = null;
        } finally {
            lock.unlock();
        }
    }

    private void enter(Agreed reached) {
        lock.lock();
        try {
            agreed = reached;
            latest = reached;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Events.log(System.Logger.Level.INFO, "Bridged with the host, CID " + settings.hostCid());
        events.tell(new BridgeEvent.Bridged(
                settings.hostCid(),
                reached.config().watchdog().enclaveId(),
                reached.config().appName()));
    }

    private void leave(Agreed reached, BridgeReason why) {
        lock.lock();
        try {
            agreed = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Events.log(System.Logger.Level.INFO, "The bridge with the host ended: " + why);
        events.tell(new BridgeEvent.Lost(
                settings.hostCid(), reached.config().watchdog().enclaveId(), why));
    }

    private void end(BridgeException why) {
        lock.lock();
        try {
            agreed = null;
            ended = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void pause(Duration time) throws InterruptedException {
        long left = time.toNanos();
        lock.lockInterruptibly();
        try {
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private static Duration longer(Duration pause, Duration longest) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }

    /** Between half of the time and all of it, so that many enclaves do not return at once. */
    private static Duration jittered(Duration pause) {
        long nanos = Math.max(1, pause.toNanos());
        return Duration.ofNanos(nanos / 2 + ThreadLocalRandom.current().nextLong(nanos / 2 + 1));
    }

    void close() {
        VsockStream open;
        lock.lock();
        try {
            closed = true;
            open = current;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (open != null) {
            open.reset();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
