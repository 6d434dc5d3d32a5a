package io.ebridge.protocol;

import io.ebridge.protocol.ProtocolException.Reason;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The enclave's side of the startup handshake. It sends an acknowledgement at once, waits for the environment and yields it; the
 * application makes its settings of it and gives them to {@link #settings}; the host's acknowledgement is the last event. The host then
 * closes the connection.
 *
 * <p><b>Guaranteed:</b> {@link Accepted} is yielded only for the two bytes {@code 06 0A}. The end of the connection in their place fails
 * with {@link Reason#REFUSED}, at any earlier point with {@link Reason#PEER_CLOSED}, which is worth another attempt.
 *
 * <p><b>Not guaranteed:</b> that the environment is true. It comes from the host, which the enclave does not trust: it is configuration,
 * never a secret and never a reason to trust anything.
 *
 * <p>Waiting for the environment and waiting for the acknowledgement are each bounded by {@link Limits#handshakeStep()}. How long the
 * application takes over its settings is its own affair here, but hosts wait no more than 10 seconds for them by default.
 *
 * <pre>{@code
 * EnclaveHandshake handshake = EnclaveHandshake.start(Limits.DEFAULT, System.nanoTime());
 * ...
 * EnclaveHandshake.Event event = handshake.receive(in, System.nanoTime()).orElse(null);
 * if (event instanceof EnclaveHandshake.EnvironmentReceived received) {
 *     handshake.settings(settingsFor(received.environment()), System.nanoTime());
 * } else if (event instanceof EnclaveHandshake.Accepted) {
 *     ready();
 * }
 * }</pre>
 */
public final class EnclaveHandshake extends StateMachine<EnclaveHandshake.Event> {

    /** What an enclave learns during the handshake. */
    public sealed interface Event permits EnvironmentReceived, Accepted {}

    /**
     * The host has sent its environment; {@link EnclaveHandshake#settings} is due.
     *
     * @param environment the environment
     */
    public record EnvironmentReceived(Environment environment) implements Event {
        /**
         * Checks that there is one.
         *
         * @param environment the environment
         */
        public EnvironmentReceived {
            Objects.requireNonNull(environment, "environment");
        }
    }

    /** The host has started every tunnel; the handshake is done. */
    public record Accepted() implements Event {}

    private enum State {
        ENVIRONMENT,
        SETTINGS,
        ANSWER
    }

    private final Limits limits;
    private final LineBuffer environment;
    private final Acknowledgement answer = new Acknowledgement();
    private State state = State.ENVIRONMENT;

    private EnclaveHandshake(Limits limits, long now) {
        this.limits = limits;
        this.environment = new LineBuffer("the environment message", limits.environmentBytes());
        send(Acknowledgement.bytes());
        beginStep("waiting for the host's environment", limits.handshakeStep(), now);
    }

    /**
     * Starts a handshake on a connection that was just made. Its first output is there at once.
     *
     * @param limits the limits
     * @param now the time, in nanoseconds
     * @return the handshake
     */
    public static EnclaveHandshake start(Limits limits, long now) {
        return new EnclaveHandshake(Objects.requireNonNull(limits, "limits"), now);
    }

    /**
     * Gives the settings to send. Server tunnels must name the enclave's CID by now, see {@link BridgeConfig#withEnclaveCid}.
     *
     * @param settings the settings
     * @param now the time, in nanoseconds
     * @throws ProtocolException if the handshake failed before
     * @throws IllegalArgumentException if the settings do not fit the limits, or leave a CID open; the message names the member
     * @throws IllegalStateException if the environment has not arrived, or settings were given before
     */
    public void settings(BridgeConfig settings, long now) throws ProtocolException {
        Objects.requireNonNull(settings, "settings");
        guard(() -> {
            if (state != State.SETTINGS) {
                throw new IllegalStateException("settings are not due");
            }
            byte[] line = SettingsJson.writeLine(settings, limits);
            state = State.ANSWER;
            beginStep("waiting for the host's answer to the settings", limits.handshakeStep(), now);
            send(ByteBuffer.wrap(line));
        });
    }

    @Override
    @Nullable Event onBytes(ByteBuffer in, long now) throws ProtocolException {
        switch (state) {
            case ENVIRONMENT -> {
                byte[] line = environment.read(in);
                if (line == null) {
                    return null;
                }
                Environment received = EnvironmentJson.read(line, limits);
                state = State.SETTINGS;
                endStep();
                return new EnvironmentReceived(received);
            }
            case SETTINGS ->
                throw new ProtocolException(Reason.UNEXPECTED_BYTES, "the host sent bytes behind its environment");
            default -> {
                if (!answer.read(in)) {
                    return null;
                }
                finish();
                return new Accepted();
            }
        }
    }

    @Override
    void onEnd() throws ProtocolException {
        if (state == State.ANSWER) {
            throw answer.ended("the host refused the settings");
        }
        throw new ProtocolException(Reason.PEER_CLOSED, "the host closed the connection during the handshake");
    }
}
