/**
 * The bridge's wire formats as pure state machines: startup handshake, configuration, heartbeat, target line and log stream. No sockets, no
 * threads, no clocks. {@link io.ebridge.protocol} tells the story with an example.
 *
 * <p>JSON is read and written with Jackson's streaming core, which is not part of the API.
 */
@org.jspecify.annotations.NullMarked
module io.ebridge.protocol {
    requires static org.jspecify;
    requires com.fasterxml.jackson.core;

    exports io.ebridge.protocol;
}
