package io.ebridge.protocol;

import io.ebridge.protocol.ProtocolException.Reason;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The host's side of the startup handshake, one per connection to the init port. It waits for the enclave's acknowledgement, sends the
 * environment, waits for the settings and yields them as its one event. The host then starts what the settings ask for, as far as its
 * policies allow, and calls {@link #accept}; or it calls {@link #refuse}. After that it sends what {@link #pollOutput()} holds and closes
 * the connection: without the acknowledgement, the end of the connection is how the enclave learns of a refusal.
 *
 * <p><b>Guaranteed:</b> settings are yielded once, well-formed and within {@link Limits}. <b>Not guaranteed:</b> that they are harmless.
 * They come from an enclave that the host does not trust: ports, the CID of every server tunnel and the number of tunnels need a policy.
 *
 * <p>Each wait, the host's own for its decision included, is bounded by {@link Limits#handshakeStep()}. Bytes that arrive between the
 * settings and the decision fail the handshake with {@link Reason#UNEXPECTED_BYTES}, and so does the end of input with
 * {@link Reason#PEER_CLOSED}: nobody is left to be served.
 *
 * <pre>{@code
 * HostHandshake handshake = HostHandshake.start(environment, Limits.DEFAULT, System.nanoTime());
 * ...
 * Optional<BridgeConfig> settings = handshake.receive(in, System.nanoTime());
 * if (settings.isPresent()) {
 *     start(settings.get());
 *     handshake.accept(System.nanoTime());
 * }
 * handshake.pollOutput().ifPresent(this::write);
 * if (handshake.isDone()) {
 *     close();
 * }
 * }</pre>
 */
public final class HostHandshake extends StateMachine<BridgeConfig> {
    private enum State {
        HELLO,
        SETTINGS,
        DECISION,
        DECIDED
    }

    private final Limits limits;
    private final byte[] environment;
    private final Acknowledgement hello = new Acknowledgement();
    private final LineBuffer settings;
    private State state = State.HELLO;

    private HostHandshake(Environment environment, Limits limits, long now) {
        this.limits = limits;
        this.environment = EnvironmentJson.write(environment, limits);
        this.settings = new LineBuffer("the settings message", limits.settingsBytes());
        beginStep("waiting for the enclave's first acknowledgement", limits.handshakeStep(), now);
    }

    /**
     * Starts a handshake on a connection that was just accepted.
     *
     * @param environment what the enclave will be told; filter it with {@link EnvironmentFilter}
     * @param limits the limits
     * @param now the time, in nanoseconds
     * @return the handshake
     * @throws IllegalArgumentException if the environment does not fit the limits
     */
    public static HostHandshake start(Environment environment, Limits limits, long now) {
        Objects.requireNonNull(environment, "environment");
        Objects.requireNonNull(limits, "limits");
        return new HostHandshake(environment, limits, now);
    }

    /**
     * Accepts the settings: every tunnel stands. The acknowledgement becomes output and the handshake is done.
     *
     * @param now the time, in nanoseconds
     * @throws ProtocolException if the handshake failed before, or the decision came too late
     * @throws IllegalStateException if there are no settings to decide on
     */
    public void accept(long now) throws ProtocolException {
        guard(() -> {
            requireDecision();
            checkStep(now);
            send(Acknowledgement.bytes());
            decided();
        });
    }

    /**
     * Refuses the settings: nothing more is sent, and the connection must be closed.
     *
     * @throws ProtocolException if the handshake failed before
     * @throws IllegalStateException if there are no settings to decide on
     */
    public void refuse() throws ProtocolException {
        guard(() -> {
            requireDecision();
            decided();
        });
    }

    @Override
    @Nullable BridgeConfig onBytes(ByteBuffer in, long now) throws ProtocolException {
        if (state == State.HELLO && hello.read(in)) {
            state = State.SETTINGS;
            beginStep("waiting for the enclave's settings", limits.handshakeStep(), now);
            send(ByteBuffer.wrap(environment));
        }
        if (state == State.SETTINGS && in.hasRemaining()) {
            byte[] line = settings.read(in);
            if (line == null) {
                return null;
            }
            BridgeConfig config = SettingsJson.read(line, limits);
            state = State.DECISION;
            beginStep("the decision on the enclave's settings", limits.handshakeStep(), now);
            return config;
        }
        if (state == State.DECISION) {
            throw new ProtocolException(Reason.UNEXPECTED_BYTES, "the enclave sent bytes behind its settings");
        }
        return null;
    }

    @Override
    void onEnd() throws ProtocolException {
        throw new ProtocolException(Reason.PEER_CLOSED, "the enclave closed the connection during the handshake");
    }

    private void requireDecision() {
        if (state != State.DECISION) {
            throw new IllegalStateException("there are no settings to decide on");
        }
    }

    private void decided() {
        state = State.DECIDED;
        finish();
    }
}
