/** The wire formats of the bridge as pure state machines. */
@org.jspecify.annotations.NullMarked
module io.ebridge.protocol {
    requires static org.jspecify;
    requires com.fasterxml.jackson.core;
}
